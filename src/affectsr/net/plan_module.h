// Plays a Plan with LibTorch: with autograd to learn, in eval mode to answer.
#pragma once

#include <torch/nn/module.h>

#include <map>
#include <string>

#include "affectsr/net/model_file.h"
#include "affectsr/net/plan.h"
#include "affectsr/net/tensor.h"

namespace affectsr {

/// A Plan as a LibTorch module. Parameters are registered under step name + ".weight", ".bias", ".running_mean", …
/// (dots make nested modules), so that they carry the names of published checkpoints. forward() in eval mode is
/// thread-safe as long as nobody changes the parameters.
class PlanModule : public torch::nn::Module {
 public:
    /// Registers and initialises parameters: convolutions and linear layers as He et al. 2015 (fan-out, normal), norms
    /// 1 and 0.
    explicit PlanModule(Plan plan);

    /// Plays the steps; the results by output name.
    std::map<std::string, Tensor> play(const Tensor& input);
    /// The result of a plan with one output.
    Tensor forward(const Tensor& input);

    const Plan& plan() const { return plan_; }

 private:
    struct Parameters {
        Tensor weight, bias, running_mean, running_var, batches_tracked;
    };
    Parameters register_step(const Step& step);
    Tensor play_step(std::size_t index, const std::vector<Tensor>& values);

    Plan plan_;
    std::vector<Parameters> parameters_;  ///< by step; shares the registered tensors
    std::vector<int> last_use_;           ///< by step: the step after which its value may be let go
};

/// Every parameter and buffer of a module by its dotted name.
TensorMap state_of(const torch::nn::Module& module);

/// Copies `tensors` into the module, converting the element type. Throws ModelError (`model_does_not_fit`) that lists
/// every missing, extra and misshapen name; the module is then unchanged. `where` (a file name) begins the message.
void load_state(torch::nn::Module& module, const TensorMap& tensors, const std::string& where);

}  // namespace affectsr
