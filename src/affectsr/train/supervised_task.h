// One expression network, weighted losses on its heads.
#pragma once

#include <torch/optim/optimizer.h>

#include <memory>

#include "affectsr/classify/expression_network.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/train/losses.h"
#include "affectsr/train/recipe.h"
#include "affectsr/train/task.h"

namespace affectsr {

/// Trains an ExpressionNetwork by its recipe, on the GPU where LibTorch has one, else on the CPU.
class SupervisedTask : public Task {
 public:
    /// Throws UsageError for unknown networks, losses and heads.
    explicit SupervisedTask(const Recipe& recipe);

    ClassifierNeeds needs() const { return network_->needs; }
    std::vector<std::string> heads() const { return network_->heads; }

    StepLog step(const Batch& batch, double learning_rate, const World& world) override;
    /// {"expression": {"48": accuracy, …}, …}: share of held-out faces whose most probable class is that of their
    /// target.
    Json validate(const Batches& batches) override;
    /// Temperature scaling (Guo et al. 2017, arXiv:1706.04599, sec. 4.2): one temperature per head over all held-out
    /// sizes, fitted by likelihood and divided into the head's last layer (ExpressionNetwork::head_parameters), so that
    /// nothing is left to do in use.
    Json finish(const Batches& batches) override;
    TensorMap state() const override;
    void load(const TensorMap& state, const std::string& where) override;
    /// Everything learned in bf16, running statistics in f32; counters that only training reads are left out.
    ModelFile model() const override;

 private:
    struct HeldOut {
        Tensor logits, target;  ///< [n, 7] each
    };
    std::map<std::string, HeldOut> held_out(const Batches& batches, int small_px) const;

    /// What is validated, calibrated and stored.
    PlanModule& judged() const { return average_ ? *average_ : *module_; }

    Recipe recipe_;
    torch::Device device_;
    std::unique_ptr<const ExpressionNetwork> network_;
    std::unique_ptr<PlanModule> module_;
    std::unique_ptr<PlanModule> average_;  ///< of the weights, where the recipe asks for one
    std::uint64_t steps_ = 0;              ///< that the average has seen
    std::unique_ptr<torch::optim::Optimizer> optimiser_;
};

}  // namespace affectsr
