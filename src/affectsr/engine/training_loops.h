// The operations of a training step that are not convolutions, spread over threads: the same bits for the same number.
#pragma once

#include <vector>

#include "affectsr/engine/loops.h"
#include "affectsr/engine/training_kernels.h"

namespace affectsr::engine {

/// Statistics of a norm: of the batch, or of each picture after the other.
struct NormStatistics {
    std::vector<float> mean, inverse_deviation;  ///< [groups · channels]
};

/// What a norm learned; null: 1 and 0.
struct NormWeights {
    const float *scale = nullptr, *shift = nullptr;
    double epsilon = 1e-5;
    bool by_picture = false;  ///< instance norm
};

/// result = act(Σ factor · term), all of one size.
template <class E>
void sum_forward(const Block<E>& result, const std::vector<Addend<E>>& terms, Epilogue epilogue, int threads);

/// result = act(norm(x) + added); `added` may be null. Fills the statistics; running ones, if not null, move towards
/// those of the batch by a tenth (Ioffe & Szegedy 2015, alg. 2, the variance unbiased).
template <class E>
void norm_forward(const Block<E>& result, const E* x, const E* added, const NormWeights& weights, Epilogue epilogue,
                  NormStatistics& statistics, float* running_mean, float* running_var, int threads);

/// Adds the shares of the gradient up into `summed`, times the derivative.
template <class E>
void add_up_spread(const Block<E>& summed, const std::vector<Addend<E>>& shares, const E* result, Derivative derivative,
                   int threads);

/// The gradient of a norm's input from that of its sum with `added`: the shares, added up into `summed` (null: the only
/// share is dense). Gradients of scale and shift [channels] are overwritten unless null.
template <class E>
void norm_backward_spread(const Block<E>& x_gradient, E* summed, const std::vector<Addend<E>>& shares, const E* result,
                          Derivative derivative, const E* x, const NormWeights& weights,
                          const NormStatistics& statistics, float* scale_gradient, float* shift_gradient, int threads);

/// result[n, y, x] = x[n, y / factor, x / factor], and its gradient.
template <class E>
void enlarge_forward(const Block<E>& result, const E* x, int factor, int threads);
template <class E>
void enlarge_backward(const Block<E>& x_gradient, const E* gradient, int factor, int threads);

/// The mean of every picture and channel [n, c], and its gradient.
template <class E>
void mean_forward(E* result, const Block<E>& x, int threads);
template <class E>
void mean_backward(const Block<E>& x_gradient, const E* gradient, int threads);

/// result = x · gate[n, c], and its gradients; either may be null.
template <class E>
void gate_forward(const Block<E>& result, const E* x, const E* gate, int threads);
template <class E>
void gate_backward(const Block<E>& x, const E* gate, const E* gradient, E* x_gradient, E* gate_gradient, int threads);

}  // namespace affectsr::engine
