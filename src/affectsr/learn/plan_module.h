// Plays a Plan with LibTorch, with autograd: what learning needs.
#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <map>
#include <string>

#include "affectsr/learn/tensor.h"
#include "affectsr/plan/plan.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

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
    /// The result of a plan with one input and one output.
    Tensor forward(const Tensor& input);

    const Plan& plan() const { return plan_; }

 private:
    struct StepTensors {
        Tensor weight, bias, running_mean, running_var, batches_tracked;
        Tensor constants;  ///< of shift and scale, [c, 1, 1]; no parameter
    };
    StepTensors register_step(const Step& step, const TensorMap& first);
    Tensor play_step(std::size_t index, const std::vector<Tensor>& values);

    Plan plan_;
    std::vector<StepTensors> tensors_;  ///< by step; shares the registered ones
    std::vector<int> last_use_;         ///< by step: the step after which its value may be let go
};

/// Every parameter and buffer of a module by its dotted name.
TensorMap state_of(const torch::nn::Module& module);

/// Copies `tensors` into the module, converting the element type. Throws ModelError (`model_does_not_fit`) as
/// expect_fit; the module is then unchanged. `where` (a file name) begins the message.
void load_state(PlanModule& module, const TensorMap& tensors, const std::string& where);

}  // namespace affectsr
