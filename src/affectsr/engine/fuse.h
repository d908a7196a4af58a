// Gathers the steps of a Plan into the operations that the engine plays.
#pragma once

#include <string>
#include <vector>

#include "affectsr/engine/kernels.h"
#include "affectsr/plan/plan.h"

namespace affectsr::engine {

/// One operation: a step with what was folded into it, epilogue(affine(step(inputs)), sum).
struct Operation {
    std::size_t step = 0;     ///< the plan step whose kind, settings and parameters it has
    bool pointwise = false;   ///< the step is an activation, a sum or one factor: the epilogue is all there is
    std::vector<int> inputs;  ///< values, by the plan step that makes them; never one that changes nothing, as dropout
    /// Batch norms, shifts and scales, in their order: folded into the weights of a convolution or linear step, applied
    /// to a picture as it comes in, or (the step itself among them) all that the operation does.
    std::vector<int> affine;
    int sum = -1;  ///< value added in the epilogue, −1: none
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

/// Whether the step multiplies by learned weights: a convolution, its transpose or a linear layer.
bool is_weighted(const Step& step);
/// Whether the step gives each channel a factor and a summand that are known before the picture: a batch norm, shift,
/// scale or a parameter of one pixel.
bool is_affine(const Step& step);

/// Folds affine steps into convolutions and inputs, and sums and activations into what makes their input, wherever
/// nobody else looks at the value in between.
Operations fuse(const Plan& plan);

}  // namespace affectsr::engine
