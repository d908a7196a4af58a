// Every detector, one line each.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "affectsr/base/catalog.h"
#include "affectsr/detect/detector.h"

namespace affectsr {

/// haar (OpenCV's cascade file from opencv-data), yunet (needs its model file). Empty when built without OpenCV.
std::span<const Entry<Detector>> detector_catalog();

/// The detector called `name`, with its options as JSON ("model" is its file). Throws UsageError for an unknown name or
/// option, or when this build has no detectors; ModelError if its file is missing or cannot be used.
std::unique_ptr<Detector> make_detector(const std::string& name, const Json& options = Json::object());

/// How many threads one detect() may use, for the whole process. Until called it is 1, the caller's own: photos are
/// searched side by side, not piece by piece.
void limit_detector_threads(int count);

}  // namespace affectsr
