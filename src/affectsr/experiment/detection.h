// The experiment `evaluate detection`: how well detectors find the faces of marked photographs (docs/evaluation.md).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/data/marked_photos.h"
#include "affectsr/detect/detector.h"
#include "affectsr/experiment/report.h"

namespace affectsr {

struct DetectionOptions {
    std::filesystem::path truth, photos;
    std::vector<std::string> detectors = {"small_face_net"};
    std::vector<int> reduce = {1, 2, 3, 4};
    std::vector<std::string> damage = {"none"};
    double least_overlap = 0.4;
    double least_score = 0;
    int limit = 0;
    int threads = 1;
    std::uint64_t seed = 1;

    void fields(auto&& f) {
        f("truth", truth, "JSON file of the photographs and their faces (docs/evaluation.md)");
        f("photos", photos, "folder that the photographs lie in; default: that of the truth");
        f("detectors", detectors, "who searches, as NAME or NAME=MODEL_FILE");
        f("reduce", reduce, "by how much the photographs are reduced before they are searched", Range{1, 16});
        f("damage", damage, "what they suffer besides: none, blur, noise, jpeg");
        f("least_overlap", least_overlap, "intersection over union from which a face counts as found", Range{0.01, 1});
        f("least_score", least_score, "score from which a face counts as reported; 0: the detector's own default",
          Range{0, 1});
        f("limit", limit, "take the first so many photographs; 0: all", Range{0, 1e9});
        f("threads", threads, "cores that one search may use", Range{1, 1024});
        f("seed", seed, "of the noise");
    }
};

/// A detector under test.
struct DetectorUnderTest {
    std::string name, model_sha256;
    double least_score = 0;  ///< from which its faces count as reported
    std::unique_ptr<const Detector> detector;
};

/// Given after every photograph: how many are done, of how many, how many failed.
using DetectionProgress = std::function<void(std::size_t done, std::size_t total, std::size_t failed)>;

/// The detectors that the options name; those that have a least score are asked for fainter faces too, for the average
/// precision. Throws as make_detector, and UsageError for none or one named twice.
std::vector<DetectorUnderTest> detectors_of(const DetectionOptions& options);

/// Rows for every detector, reduction, damage and class of face widths: {"detector", "reduce", "damage", "width",
/// "photos", "faces", "found", "recall", "false_faces", "false_per_photo", "average_precision", "ms_per_megapixel"}
/// (metric/detection_score.h; widths in pixels of the reduced photograph; the time of search alone, only in the row of
/// all widths). Detectors search every picture in turns. Photographs that cannot be read, or are not those that were
/// marked, are the report's failed inputs. Throws UsageError for an unknown damage, InputError as read_marked_photos.
Report detection_report(const std::vector<DetectorUnderTest>& detectors, const DetectionOptions& options,
                        Provenance made_by, const DetectionProgress& progress = {}, std::stop_token stop = {});

}  // namespace affectsr
