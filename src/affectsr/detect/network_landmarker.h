// Makes a Landmarker of any trained LandmarkNetwork.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/detect/landmark_network.h"
#include "affectsr/detect/landmarker.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// How a trained network looks for points.
struct NetworkLandmarkerOptions {
    std::string model;
    std::string precision = "auto";
    void fields(auto&& f) {
        f("model", model, "its model file; empty: the one of its name that is installed");
        f("precision", precision, "number format of the network", OneOf{{"auto", "f32", "bf16"}});
    }
};

/// A LandmarkNetwork with the weights of a model file: shows it each crop at the size that it wants (MATLAB's bicubic),
/// on as many cores as threads_for() says (engine/threads.h). Thread-safe.
class NetworkLandmarker : public Landmarker {
 public:
    /// Throws ModelError (`model_does_not_fit`) if names or shapes do not fit; `where` (a file name) begins the
    /// message. UsageError as PlanEngine.
    NetworkLandmarker(const LandmarkNetwork& network, const ModelFile& file, const NetworkLandmarkerOptions& options,
                      const std::string& where);
    std::vector<LandmarkedFace> locate_all(std::span<const FaceCrop> crops) const override;

 private:
    void locate(std::span<const FaceCrop> crops, std::span<LandmarkedFace> faces) const;

    int input_px_;
    PlanEngine engine_;
};

}  // namespace affectsr
