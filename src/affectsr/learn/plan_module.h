// Plays a Plan with LibTorch, with autograd: what learning needs.
#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "affectsr/learn/fast_step.h"
#include "affectsr/learn/sync_batch_norm.h"
#include "affectsr/learn/tensor.h"
#include "affectsr/plan/plan.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// Who plays a PlanModule in training.
enum class Play {
    fast,      ///< the engine (FastStep) where it can, LibTorch elsewhere
    libtorch,  ///< LibTorch, step by step: the plain reference
};

/// A Plan as a LibTorch module. Parameters are registered under step name + ".weight", ".bias", ".running_mean", …
/// (dots make nested modules), so that they carry the names of published checkpoints. play() in eval mode is
/// thread-safe as long as nobody changes the parameters.
class PlanModule : public torch::nn::Module {
 public:
    /// Registers the parameters, as first_weights(plan, seed) has them.
    explicit PlanModule(Plan plan, std::uint64_t seed = 1);

    /// Plays the steps of a plan with one input, [n, c, h, w] or [n, features]; the results by output name.
    std::map<std::string, Tensor> play(const Tensor& input);
    /// The same with every input by its name. Throws UsageError for one that is missing.
    std::map<std::string, Tensor> play(const std::map<std::string, Tensor>& inputs);
    /// The one result, or the one called "out", of a plan with one input.
    Tensor forward(const Tensor& input);

    /// In training mode with gradients; Play::fast from the start. In eval mode LibTorch always plays.
    void set_play(Play play) { play_ = play; }

    /// The fast player, once it has played; else null.
    FastStep* fast_step() { return fast_.get(); }

    /// From now on batch norms that learn take their statistics over several processes (sync_batch_norm); a plan with
    /// batch norms is then played by LibTorch.
    void share_statistics(SharedStatistics shared) { shared_ = std::move(shared); }

    const Plan& plan() const { return plan_; }

 private:
    StepTensors register_step(const Step& step, const TensorMap& first);
    Tensor play_step(std::size_t index, const std::vector<Tensor>& inputs);
    bool is_of_bf16() const;  ///< whether it was converted, as a whole
    void expect_inputs(const std::map<std::string, Tensor>& inputs) const;
    std::map<std::string, Tensor> play_step_by_step(const std::map<std::string, Tensor>& inputs);

    Plan plan_;
    std::vector<bool> needed_;          ///< by step: whether it is played
    std::vector<bool> exact_;           ///< by step: whether its value is never of bf16
    SharedStatistics shared_;           ///< of batch norms; one rank: this process alone
    std::vector<StepTensors> tensors_;  ///< by step; shares the registered ones
    std::vector<int> last_use_;         ///< by step: the step after which its value may be let go
    Play play_ = Play::fast;
    std::unique_ptr<FastStep> fast_;  ///< made on first use: it shares the tensors
};

/// Every parameter and buffer of a module by its dotted name.
TensorMap state_of(const torch::nn::Module& module);

/// Copies `tensors` into the module, converting the element type. Throws ModelError (`model_does_not_fit`) as
/// expect_fit; the module is then unchanged. `where` (a file name) begins the message.
void load_state(PlanModule& module, const TensorMap& tensors, const std::string& where);

}  // namespace affectsr
