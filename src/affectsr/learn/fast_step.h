// Plays a PlanModule's training on the processor with the engine's fast step, under LibTorch's autograd.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "affectsr/engine/training_step.h"
#include "affectsr/learn/tensor.h"
#include "affectsr/plan/plan.h"

namespace affectsr {

/// The tensors of a step; undefined where it has none.
struct StepTensors {
    Tensor weight, bias, running_mean, running_var, batches_tracked;
    Tensor noise;      ///< of add_noise
    Tensor constants;  ///< of shift and scale, [c, 1, 1]; of mix_positions its matrix; no parameter
};

/// Plays one step on its inputs with LibTorch, as the plain player does.
using PlayStep = std::function<Tensor(std::size_t step, const std::vector<Tensor>& inputs)>;

/// One autograd function for a whole plan: forward and backward are those of engine/training_step, steps that it does
/// not know are LibTorch's within it. Compiled for each batch on first use; the four used last are kept. For one thread
/// at a time. The gradients have no gradients themselves.
class FastStep {
 public:
    FastStep(const Plan& plan, std::vector<StepTensors> tensors);

    /// Whether it can play: in float32 or, unless steps make matrices, under bf16 autocast, with gradients, everything
    /// float32 on the processor, and the engine built in with that precision.
    bool can_play(const std::map<std::string, Tensor>& inputs) const;
    /// The results by output name; in bf16 under autocast, as LibTorch's. Throws UsageError as Plan::shapes.
    std::map<std::string, Tensor> play(const std::map<std::string, Tensor>& inputs, const PlayStep& plain);

    /// Begins to time every kind of operation, for the batch compiled last; what was found since. Empty before a play.
    void measure();
    std::vector<TrainingCost> costs() const;

    struct State;  ///< what a pass keeps alive

 private:
    std::shared_ptr<State> state_;
};

}  // namespace affectsr
