// Plays a Plan with LibTorch: with autograd to learn, in eval mode to answer.
#pragma once

#include <torch/nn/module.h>

#include <map>
#include <memory>
#include <string>

#include "affectsr/engine/plan_engine.h"
#include "affectsr/learn/tensor.h"
#include "affectsr/plan/plan.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// A Plan as a LibTorch module. Parameters are registered under step name + ".weight", ".bias", ".running_mean", …
/// (dots make nested modules), so that they carry the names of published checkpoints. play() in eval mode is
/// thread-safe as long as nobody changes the parameters. A network that is one plan derives from it and from its own
/// interface, which both are the same (virtual) Module.
class PlanModule : public virtual torch::nn::Module {
 public:
    /// Registers and initialises parameters: convolutions and linear layers as He et al. 2015 (fan-out, normal), norms
    /// 1 and 0.
    explicit PlanModule(Plan plan);

    /// Plays the steps of a plan with one input, [n, c, h, w] or [n, features]; the results by output name.
    std::map<std::string, Tensor> play(const Tensor& input);
    /// The same with every input by its name. Throws UsageError for one that is missing.
    std::map<std::string, Tensor> play(const std::map<std::string, Tensor>& inputs);
    /// The result of a plan with one input and one output.
    Tensor forward(const Tensor& input);

    /// Hands inference to the engine, with the parameters as they are now; where the engine is not built in, LibTorch
    /// plays on, bf16 by autocast. train() and load_state() take it back. Throws as PlanEngine.
    void compile(Precision precision);
    /// The engine that plays; null before compile() and where it is not built in.
    std::shared_ptr<const PlanEngine> engine() const { return engine_; }
    /// Forgets the engine: LibTorch plays again, the parameters as they are.
    void take_back();
    void train(bool on = true) override;

    const Plan& plan() const { return plan_; }

 private:
    struct StepTensors {
        Tensor weight, bias, running_mean, running_var, batches_tracked;
        Tensor constants;  ///< of shift and scale, [c, 1, 1]; no parameter
    };
    StepTensors register_step(const Step& step);
    Tensor play_step(std::size_t index, const std::vector<Tensor>& values);
    std::map<std::string, Tensor> play_compiled(const std::map<std::string, Tensor>& inputs);
    bool is_flat(int step, bool flat_input) const;  ///< whether a step's value is [n, features]

    Plan plan_;
    std::vector<StepTensors> tensors_;  ///< by step; shares the registered ones
    std::vector<int> last_use_;         ///< by step: the step after which its value may be let go
    std::shared_ptr<const PlanEngine> engine_;
    bool autocast_ = false;  ///< bf16 without the engine
};

/// Compiles every PlanModule within `module` (or itself).
void compile_plans(torch::nn::Module& module, Precision precision);
/// The PlanModule that `module` is, or else the first one within it; null where there is none. It lives in the module.
const PlanModule* plan_within(const torch::nn::Module& module);

/// Every parameter and buffer of a module by its dotted name.
TensorMap state_of(const torch::nn::Module& module);
/// The same, sharing the module's memory.
TensorMap view_of(const torch::nn::Module& module);

/// Copies `tensors` into the module, converting the element type. Throws ModelError (`model_does_not_fit`) that lists
/// every missing, extra and misshapen name; the module is then unchanged. Plans within it that were compiled are no
/// longer. `where` (a file name) begins the message.
void load_state(torch::nn::Module& module, const TensorMap& tensors, const std::string& where);

}  // namespace affectsr
