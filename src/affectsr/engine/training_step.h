// Plays a Plan forward and backward with oneDNN, without LibTorch: a step of learning near the processor's limit.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "affectsr/plan/plan.h"
#include "affectsr/plan/precision.h"

namespace affectsr {

/// A value of a batch in memory, dense and channels-last, [n, h, w, c].
struct TrainingValue {
    void* data = nullptr;  ///< float, or the upper halves of floats in bf16
    int count = 1;
    ValueShape shape;
    Precision precision = Precision::f32;
};

/// Plays the steps that have no fast form here, one by one.
class PlainSteps {
 public:
    virtual ~PlainSteps() = default;
    /// Plays a step of the plan; returns what its gradient will need.
    virtual std::shared_ptr<void> forward(std::size_t step, const std::vector<TrainingValue>& inputs,
                                          const TrainingValue& result) = 0;
    /// Overwrites the gradients of the inputs, but where their data is null, and keeps those of its parameters.
    virtual void backward(std::size_t step, void* kept, const TrainingValue& result_gradient,
                          const std::vector<TrainingValue>& input_gradients) = 0;
};

/// The tensors of one step, float32; null where it has none.
struct StepParameters {
    const float *weight = nullptr, *bias = nullptr;
    float *running_mean = nullptr, *running_var = nullptr;  ///< forward() moves them towards the batch's by a tenth
    bool channels_last = false;                             ///< how a convolution's weight and its gradient lie
};

/// Where the gradients of a step's parameters go, laid out as they; null: not wanted.
struct StepGradients {
    float *weight = nullptr, *bias = nullptr;
};

/// For what a TrainingStep is compiled.
struct TrainingSetting {
    int count = 1;                 ///< pictures
    std::vector<InputSize> sizes;  ///< in the order of plan.inputs(); of features: 1 × 1
    std::vector<bool> wanted;      ///< likewise: whether an input's gradient is
    Precision precision = Precision::f32;
    int threads = 1;
};

/// What playing one kind of operation forward and backward cost.
struct TrainingCost {
    std::string kind;  ///< "conv forward", "norm backward", …
    double ms = 0;
    int calls = 0;
};

/// A Plan in training mode, compiled for a batch: convolutions by oneDNN's primitives with their activations, norms,
/// sums and concats by loops that read every value once, gradients added up in one pass. Values are computed in the
/// setting's precision, parameters, statistics and their gradients in float32. The same bits for the same input and
/// number of threads. For one thread at a time.
class TrainingStep {
 public:
    /// What a forward pass keeps for its backward pass. Its memory is used again once nobody holds it.
    class Pass;

    /// Whether learning can be played here: the engine is built in, and oneDNN computes in this precision.
    static bool available(Precision precision);

    /// The plan outlives this. Throws UsageError for sizes that do not fit the plan.
    TrainingStep(const Plan& plan, TrainingSetting setting);
    ~TrainingStep();
    TrainingStep(const TrainingStep&) = delete;
    TrainingStep& operator=(const TrainingStep&) = delete;

    /// Plays a batch; `inputs` in the order of plan.inputs(), channels-last in the setting's precision. They and the
    /// parameters (by step) must not change until the pass has gone backward. `plain` plays what this cannot.
    std::shared_ptr<Pass> forward(const std::vector<const void*>& inputs, std::span<const StepParameters> parameters,
                                  PlainSteps& plain);
    /// An output, by its place in plan.outputs.
    TrainingValue result(const Pass& pass, std::size_t output) const;
    /// From the gradients of the outputs, channels-last in the setting's precision, those of all parameters (by step)
    /// and of the inputs that were wanted (in the order of plan.inputs(), null for others).
    void backward(Pass& pass, const std::vector<const void*>& result_gradients,
                  std::span<const StepParameters> parameters, std::span<const StepGradients> gradients,
                  const std::vector<void*>& input_gradients, PlainSteps& plain);

    /// Steps that the caller's PlainSteps plays.
    std::vector<std::size_t> plain_steps() const;
    /// Whether a step's parameters get a gradient: not if no output depends on it.
    bool has_gradient(std::size_t step) const;
    /// Bytes of values that one pass keeps, and of gradients that all passes share.
    std::size_t value_bytes() const;
    std::size_t gradient_bytes() const;
    /// What was played since measure() was called, by kind.
    void measure();
    std::vector<TrainingCost> costs() const;

 private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace affectsr
