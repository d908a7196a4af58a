// One expression network, weighted losses on its heads.
#pragma once

#include <memory>
#include <vector>

#include "affectsr/classify/expression_network.h"
#include "affectsr/train/face_source.h"
#include "affectsr/train/learner_task.h"
#include "affectsr/train/losses.h"
#include "affectsr/train/network_choice.h"
#include "affectsr/train/teachers.h"

namespace affectsr {

/// What an expression network learns.
struct SupervisedOptions {
    NetworkChoice network{"small_net"};
    LearnerOptions learning;
    std::vector<HeadLossOptions> losses;
    std::vector<std::string> teachers;
    double mix = 0;
    void fields(auto&& f) {
        f("network", network, "the network that learns");
        f("learning", learning, "how it learns");
        f("losses", losses, "what is minimised: their weighted sum");
        f("teachers", teachers,
          "trained models whose mean answer the loss \"distillation\" compares with: files in the output folder, paths "
          "or known models' names");
        f("mix", mix, "Beta parameter of mixup; 0: none", Range{0, 10});
    }
};

/// Trains an ExpressionNetwork, on the GPU where LibTorch has one, else on the CPU.
class SupervisedTask : public LearnerTask {
 public:
    /// Models that the options name are looked for in `folder` first. Throws UsageError for unknown networks, losses
    /// and heads, and if nothing is minimised; as Learner and Teachers.
    SupervisedTask(const SupervisedOptions& options, const Recipe& recipe, const std::filesystem::path& folder);

    FaceNeeds needs() const;

    Json options() const override;
    Json stands_on() const override;
    std::unique_ptr<SampleSource> open_data(const DataLoading& loading) override;
    /// Logs "loss", every loss as "HEAD" or, if it is no soft_cross_entropy, "NAME.HEAD", and "learning_rate".
    StepLog step(const Batch& batch, const RunProgress& progress, const World& world) override;
    /// {"expression": {"48": accuracy, …}, …}: share of held-out faces whose most probable class is that of their
    /// target.
    Json validate(const SampleSource& source) override;
    /// {"temperature": {HEAD: t}}: one temperature per head over all held-out sizes, fitted by likelihood
    /// (fit_temperature) and divided into the head's last layer (ExpressionNetwork::head_parameters), so that nothing
    /// is left to do in use.
    Json finish(const SampleSource& source) override;
    std::map<std::string, ModelFile> models() const override;

 private:
    struct HeldOut {
        Tensor logits, target;  ///< [n, 7] each
    };
    void expect_losses_fit() const;
    /// Adds the gradients of a batch to the network's; every loss, a sum over its faces by `weights`.
    std::vector<Tensor> backward(const Batch& batch, const Tensor& weights);
    /// Of all processes' batches together: the sum of each loss's targets, as a mean over the processes.
    Tensor target_weights(const Batch& batch, const World& world) const;
    std::map<std::string, HeldOut> held_out(const SampleSource& source, int face_px) const;

    SupervisedOptions options_;
    std::unique_ptr<const ExpressionNetwork> network_;
    std::unique_ptr<Teachers> teachers_;  ///< null: none
};

}  // namespace affectsr
