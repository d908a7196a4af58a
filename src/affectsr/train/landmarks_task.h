// One landmark network, learned from what another landmarker says of the same faces when they are large.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "affectsr/detect/landmark_network.h"
#include "affectsr/train/landmark_faces.h"
#include "affectsr/train/learner_task.h"
#include "affectsr/train/network_choice.h"

namespace affectsr {

/// What a landmark network learns.
struct LandmarksTaskOptions {
    NetworkChoice network{"landmark_net"};
    LearnerOptions learning;
    LandmarkPictures pictures;
    double region_weight = 3, depth_weight = 0.3;
    double square_below = 0.02;
    double error_weight = 0.1, face_weight = 0.5;
    void fields(auto&& f) {
        f("network", network, "the network that learns");
        f("learning", learning, "how it learns");
        f("pictures", pictures, "what it learns from; the recipe's \"data\" stays empty");
        f("region_weight", region_weight, "weight of a point of eyes, irises, brows and lips; others have 1",
          Range{0.01, 100});
        f("depth_weight", depth_weight, "weight of an error in depth; in the picture plane it is 1", Range{0, 10});
        f("square_below", square_below, "errors in eye distances below which the loss is square", Range{1e-4, 1});
        f("error_weight", error_weight, "factor of the loss of how sure it is", Range{0, 1e3});
        f("face_weight", face_weight, "factor of the loss of whether this is a face", Range{0, 1e3});
    }
};

/// Trains a LandmarkNetwork (distillation, Hinton et al. 2015, arXiv:1503.02531, of positions): the teacher saw the
/// large face, the pupil sees it moved, turned, covered and made small. The loss adds up: 100 times the smooth L1 error
/// (Girshick 2015, arXiv:1504.08083, eq. 3) of the points over the distance of the outer eye corners; of the expected
/// error b the negative log-likelihood log b + e / b of what the mean error e was (an exponential distribution: b
/// becomes the mean of e), e without gradient; cross-entropy of whether there is a face.
class LandmarksTask : public LearnerTask {
 public:
    /// Throws UsageError for unknown networks; as Learner.
    LandmarksTask(const LandmarksTaskOptions& options, const Recipe& recipe, const std::filesystem::path& folder);

    Json options() const override { return to_json(options_); }
    std::unique_ptr<SampleSource> open_data(const DataLoading& loading) override;
    /// Logs "loss", "points" (100 × smooth L1), "off" (mean error over the eye distance), "error", "face" and
    /// "learning_rate".
    StepLog step(const Batch& batch, const RunProgress& progress, const World& world) override;
    /// Of the held-out samples, for every size of the recipe's validation: {"off": {"24": mean error over the eye
    /// distance, …}, "expected": {"24": what the network expects it to be, …}, "refused": {"24": share of faces with a
    /// probability under 0.5}, "false_faces": {"24": share of the others with one of at least 0.5}}.
    Json validate(const SampleSource& source) override;
    std::map<std::string, ModelFile> models() const override;

 private:
    LandmarksTaskOptions options_;
    std::unique_ptr<const LandmarkNetwork> network_;
    Tensor weights_;  ///< [478, 3], sum 1
};

}  // namespace affectsr
