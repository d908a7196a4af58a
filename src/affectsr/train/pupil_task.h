// A pupil of covpool: reads small faces as covpool reads large ones, with neither generator nor critic.
#pragma once

#include <memory>
#include <string>

#include "affectsr/classify/covpool.h"
#include "affectsr/train/frozen_network.h"
#include "affectsr/train/learner_task.h"
#include "affectsr/train/reweighting.h"

namespace affectsr {

/// What a pupil learns.
struct PupilTaskOptions {
    std::string model = "covpool";
    LearnerOptions learning;
    double label_weight = 0;
    ReweightingOptions reweighting{.on = false};
    void fields(auto&& f) {
        f("model", model, "the covpool that teaches: a file in the output folder, a path or a known model");
        f("learning", learning, "how the pupil learns; without a \"start\" it begins with its teacher's weights");
        f("label_weight", label_weight, "factor of the cross-entropy with the labels", Range{0, 1e6});
        f("reweighting", reweighting, "which faces count more");
    }
};

/// Trains a covpool to have, of a face that "augmentation" makes small, the features C that a trained covpool of the
/// same shape has of the face before (distillation of features, Romero et al. 2015, arXiv:1412.6550): what is there to
/// ask whether FSR-FER's generator and critic are worth their while. The loss is the mean over faces of
/// w (‖C − C_hr‖² + label_weight · cross-entropy). On the GPU where LibTorch has one, else on the CPU.
class PupilTask : public LearnerTask {
 public:
    /// The model is looked for in `folder` first. Throws UsageError for a recipe with "accumulate" above 1, ModelError
    /// if the model is missing, damaged or no covpool; as Learner.
    PupilTask(const PupilTaskOptions& options, const Recipe& recipe, const std::filesystem::path& folder);

    Json options() const override { return to_json(options_); }
    Json stands_on() const override;
    std::unique_ptr<SampleSource> open_data(const DataLoading& loading) override;
    /// Logs "loss", "perceptual" (the mean distance of C), "label" (cross-entropy where a face has a target) and
    /// "learning_rate".
    StepLog step(const Batch& batch, const RunProgress& progress, const World& world) override;
    /// As FeatureTask::validate: "expression" of the pupil, "teacher" of its teacher.
    Json validate(const SampleSource& source) override;
    std::map<std::string, ModelFile> models() const override;

 private:
    PupilTaskOptions options_;
    ModelFile model_;
    CovpoolOptions network_;
    std::unique_ptr<FrozenNetwork> teacher_;
};

}  // namespace affectsr
