// Makes a Detector of any trained DetectionNetwork.
#pragma once

#include <string>

#include "affectsr/detect/detection_network.h"
#include "affectsr/detect/detector.h"
#include "affectsr/detect/ladder.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/precision.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// How a trained network searches.
struct NetworkDetectorOptions {
    std::string model;
    double least_score = 0.7;
    double least_face_px = 0;
    int enlarge_below_px = 320;
    std::string precision = "auto";
    void fields(auto&& f) {
        f("model", model, "its model file; empty: the one of its name that is installed");
        f("least_score", least_score, "faces of a lower score are not reported", Range{0.01, 1});
        f("least_face_px", least_face_px,
          "smaller faces are not reported; large photos are then searched reduced, which is faster", Range{0, 16384});
        f("enlarge_below_px", enlarge_below_px,
          "photos whose longer side is at most this are searched at twice their size, for faces down to 5 px; 0: none",
          Range{0, 16384});
        f("precision", precision, "number format of the network", OneOf{{"auto", "f32", "bf16"}});
    }
};

/// A DetectionNetwork with the weights of a model file: searches a photo level by level and tile by tile, so that
/// memory is bounded, on as many cores as threads_for() says (engine/threads.h). Thread-safe.
class NetworkDetector : public Detector {
 public:
    /// Throws ModelError (`model_does_not_fit`) if names or shapes do not fit; `where` (a file name) begins the
    /// message. UsageError as PlanEngine.
    NetworkDetector(const DetectionNetwork& network, const ModelFile& file, const NetworkDetectorOptions& options,
                    const std::string& where);
    std::vector<Face> detect(const Image& photo) const override;
    int landmarks() const override { return 5; }

 private:
    std::vector<Face> faces_in(const Image& picture, const Tile& tile) const;

    NetworkDetectorOptions options_;
    std::vector<int> strides_;
    int multiple_;
    PlanEngine engine_;
};

}  // namespace affectsr
