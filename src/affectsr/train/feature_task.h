// FSR-FER: a generator that makes the expression features of a small face those of the large one, against a critic.
#pragma once

#include <memory>
#include <string>

#include "affectsr/classify/fsr_fer.h"
#include "affectsr/train/frozen_network.h"
#include "affectsr/train/learner.h"
#include "affectsr/train/recipe.h"
#include "affectsr/train/reweighting.h"
#include "affectsr/train/task.h"
#include "affectsr/train/wgan_div.h"

namespace affectsr {

/// What a feature generator learns.
struct FeatureTaskOptions {
    std::string model = "covpool";
    FeatureGeneratorOptions generator{.norm = false};
    bool added = false;
    int critic_features = 8;
    LearnerOptions learning, critic_learning;
    double adversarial_weight = 1, perceptual_weight = 1, feature_weight = 1;
    double adversarial_from = 0;
    WganDivOptions wgan_div;
    ReweightingOptions reweighting;
    void fields(auto&& f) {
        f("model", model,
          "the covpool whose features are enlarged: a file in the output folder, a path or a known model");
        f("generator", generator, "shape of the generator");
        f("added", added, "the generator makes what is added to the features, not the features");
        f("critic_features", critic_features, "channels of the critic's first block", Range{1, 1024});
        f("learning", learning, "how the generator learns");
        f("critic_learning", critic_learning, "how the critic learns");
        f("adversarial_weight", adversarial_weight, "factor of what the critic says; 0: no critic", Range{0, 1e6});
        f("perceptual_weight", perceptual_weight, "factor of the distance of C, FSR-FER's eq. 9", Range{0, 1e6});
        f("feature_weight", feature_weight, "factor of the distance of the features themselves", Range{0, 1e6});
        f("adversarial_from", adversarial_from,
          "share of the run from which the critic learns and counts, as do the weights of faces", Range{0, 0.9999});
        f("wgan_div", wgan_div, "the critic's penalty");
        f("reweighting", reweighting, "which faces count more");
    }
};

/// Trains the generator of an `fsr_fer` network on a trained covpool that stands still (FSR-FER, sec. 3), on the GPU
/// where LibTorch has one, else on the CPU. A face is shown as "augmentation" makes it small (one generator for all
/// factors), enlarged back by bicubic interpolation, beside the same face before. The generator minimises the mean over
/// faces of w (adversarial_weight · D(F_sr) + perceptual_weight · ‖C(F_sr) − C(F_hr)‖² + feature_weight · ‖F_sr −
/// F_hr‖²), the critic critic_loss; each step of the generator follows one of the critic on the same faces.
class FeatureTask : public Task {
 public:
    /// The model is looked for in `folder` first. Throws UsageError for a recipe with "accumulate" above 1 and for
    /// features whose side the critic does not take, ModelError if the model is missing, damaged or no covpool; as
    /// Learner.
    FeatureTask(const FeatureTaskOptions& options, const Recipe& recipe, const std::filesystem::path& folder);

    Json options() const override { return to_json(options_); }
    Json stands_on() const override;
    std::unique_ptr<SampleSource> open_data(const DataLoading& loading) override;
    /// Logs "loss", "perceptual" and "feature" (means over faces, without weights), "learning_rate", and while the
    /// critic counts "adversarial" (E[D(F_sr)]), "distance" and "penalty" (CriticLoss) and "weight" (mean of w).
    StepLog step(const Batch& batch, const RunProgress& progress, const World& world) override;
    /// By head and size in pixels, the shares of held-out faces whose most probable class is that of their target:
    /// {"expression": {"25": with the generator, …}, "without_generator": {"25": …}}. A face of the network's own size
    /// or more is the original.
    Json validate(const SampleSource& source) override;
    Json finish(const SampleSource&) override { return Json::object(); }
    TensorMap state() const override;
    void load(const TensorMap& state, const std::string& where) override;
    /// "": the whole network, `fsr_fer`.
    std::map<std::string, ModelFile> models() const override;

 private:
    bool adversarial(const RunProgress& progress) const;
    /// Pictures [n, 3, px, px] → features [n, 1, side, side], float32, without gradients.
    Tensor features_of(const Tensor& pictures);
    /// The generator's answer, float32.
    Tensor enlarged(PlanModule& generator, const Tensor& feature) const;
    /// One step of the critic; adds to the log.
    void step_critic(const Tensor& real, const Tensor& fake, const Tensor& weights, const RunProgress& progress,
                     const World& world, StepLog& log);

    FeatureTaskOptions options_;
    Recipe recipe_;
    ModelFile model_;  ///< of covpool
    FsrFerOptions network_;
    std::unique_ptr<FrozenNetwork> extractor_;     ///< pictures → "feature"
    std::unique_ptr<FrozenNetwork> reader_;        ///< features → "c", "expression"
    std::unique_ptr<Learner> generator_, critic_;  ///< critic: null without adversarial_weight
};

}  // namespace affectsr
