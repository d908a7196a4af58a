// How a Plan is learned: its steps grouped into operations, where values and gradients lie, who adds to whose gradient.
#pragma once

#include <set>
#include <vector>

#include "affectsr/engine/kernels.h"
#include "affectsr/engine/lives.h"
#include "affectsr/plan/plan.h"

namespace affectsr::engine {

enum class TrainingKind {
    conv,     ///< act(conv(x) + bias)
    norm,     ///< act(norm(x) + added), batch or instance norm
    sum,      ///< act(Σ factor · x)
    concat,   ///< along the channels
    enlarge,  ///< pixels repeated
    smooth,   ///< enlarged bilinearly or bicubically
    mean,     ///< of each picture and channel
    gate,     ///< x[n, c, h, w] · gate[n, c, 1, 1]
    plain,    ///< played by whoever asked, step by step
};

/// A value that an operation reads.
struct Term {
    int value = -1;  ///< of the step with this index
    float factor = 1;
};

/// One or several steps that are played together.
struct TrainingOperation {
    TrainingKind kind = TrainingKind::plain;
    std::size_t step = 0;     ///< that has the settings and parameters
    int result = -1;          ///< the value that it makes
    std::vector<Term> terms;  ///< of a norm: what is normed, then what is added, if anything
    Epilogue epilogue;        ///< activation: none, relu or leaky_relu
};

/// A part of a gradient: channels [offset, offset + width of the value) of a buffer whose pixels are `pitch` wide.
struct GradientShare {
    int buffer = -1;
    std::size_t offset = 0, pitch = 0;
    float factor = 1;
};

/// How an operation goes backward. Buffers are indices of TrainingPlan::gradients; −1: none.
struct BackwardCall {
    std::size_t operation = 0;
    std::vector<GradientShare> shares;  ///< whose sum is the gradient of its result
    int summed = -1;  ///< where they are added up, times the activation's derivative; −1: shares[0] is it
    std::vector<int> term_gradients;  ///< what it makes for each term itself
};

/// A plan for a batch. Values of steps that only rename (flatten, and what another operation took over) share memory.
struct TrainingPlan {
    std::vector<TrainingOperation> operations;             ///< in playing order
    std::vector<BackwardCall> backward;                    ///< in playing order
    std::vector<Life> values;                              ///< by step, in the memory of a pass; inputs lie elsewhere
    std::vector<Life> gradients;                           ///< buffers; the first are the outputs', which lie elsewhere
    std::vector<std::vector<GradientShare>> input_shares;  ///< by step; of inputs whose gradient is wanted
    std::vector<int> input_sums;                           ///< by step: the buffer of an input's gradient, or −1
    std::vector<int> root;                                 ///< by step: the value whose memory it is
    std::vector<bool> learns;                              ///< by step: whether its value has a gradient
    std::size_t value_bytes = 0, gradient_bytes = 0;
};

/// `shapes` of one picture, by step; `wanted`: by step, inputs whose gradient is wanted; `plain`: steps that have no
/// fast form here.
TrainingPlan training_plan(const Plan& plan, int count, const std::vector<ValueShape>& shapes,
                           std::size_t element_bytes, const std::set<std::size_t>& wanted,
                           const std::set<std::size_t>& plain);

}  // namespace affectsr::engine
