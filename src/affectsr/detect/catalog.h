// Every detector and every landmarker, one line each.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "affectsr/base/catalog.h"
#include "affectsr/detect/detector.h"
#include "affectsr/detect/landmarker.h"

namespace affectsr {

struct DetectionNetwork;
struct LandmarkNetwork;

/// Untrained networks, by name; for training, importing and loading.
std::span<const Entry<DetectionNetwork>> detection_network_catalog();

/// The same for networks that find the points of a face.
std::span<const Entry<LandmarkNetwork>> landmark_network_catalog();

/// small_face_net, ours, the default; yunet with published weights; mediapipe (needs its .tflite file); and, where
/// OpenCV is built in, haar (its cascade file from opencv-data) and yunet_opencv (needs its ONNX file).
std::span<const Entry<Detector>> detector_catalog();

/// The catalog's line for `name`. Throws UsageError: `detector_not_built` for one of OpenCV's in a build without it,
/// `unknown_detector` for any other name that is not there; both name those that are.
const Entry<Detector>& find_detector(const std::string& name);

/// The detector called `name`, with its options as JSON ("model" is its file). Throws UsageError as find_detector,
/// and for an unknown option; ModelError if its file is missing or cannot be used.
std::unique_ptr<Detector> make_detector(const std::string& name, const Json& options = Json::object());

/// Who says where the points of a face lie: networks with their model files; mediapipe (needs its .tflite file).
std::span<const Entry<Landmarker>> landmarker_catalog();

/// The landmarker called `name`, with its options as JSON. Throws as make_detector (`unknown_landmarker`).
std::unique_ptr<Landmarker> make_landmarker(const std::string& name, const Json& options = Json::object());

/// How many threads one detect() may use, for the whole process. Until called it is 1, the caller's own: photos are
/// searched side by side, not piece by piece.
void limit_detector_threads(int count);

}  // namespace affectsr
