// Gathers the steps of a Plan into the operations that the engine plays.
#pragma once

#include <string>
#include <vector>

#include "affectsr/plan/plan.h"
#include "affectsr/engine/kernels.h"

namespace affectsr::engine {

/// One operation: a step with what was folded into it, epilogue(step(inputs), sum).
struct Operation {
    StepKind kind;            ///< scale stands for every element-wise one: relu, add, … with its epilogue
    std::size_t step = 0;     ///< the plan step whose settings and parameters it has
    std::vector<int> inputs;  ///< values, by the plan step that makes them; never one that changes nothing, as dropout
    int sum = -1;             ///< value added in the epilogue, −1: none
    int norm = -1;            ///< batch_norm step folded into the weights, −1: none
    Epilogue epilogue;
    /// conv: 2 if its input is first enlarged twice by nearest, which it plays as four convolutions of 2×2 on the small
    /// picture: one for each parity of row and column, at 4/9 of the work.
    int enlarged = 1;
    int result = -1;    ///< the plan step whose value it makes
    std::string label;  ///< "conv5 + scale + add"
};

/// Operations in playable order; every output of the plan is the result of one (or the input itself).
struct Operations {
    std::vector<Operation> list;
    /// By plan step: the value that holds its result. Steps that change nothing share their input's.
    std::vector<int> value_of;
};

/// Folds batch norms and factors into convolutions, and sums and activations into what makes their input, wherever
/// nobody else looks at the value in between.
Operations fuse(const Plan& plan);

}  // namespace affectsr::engine
