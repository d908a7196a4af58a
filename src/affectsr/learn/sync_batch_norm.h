// Batch normalisation over the batches of several processes, as if they were one.
#pragma once

#include <functional>

#include "affectsr/learn/tensor.h"

namespace affectsr {

/// Those who normalise together. Each has as many values per channel as the others, and makes the same calls.
struct SharedStatistics {
    int ranks = 1;
    /// Replaces a tensor by its mean over all ranks, the same bits in each.
    std::function<void(Tensor& numbers)> average;
};

/// What a batch norm learns and keeps; running statistics are updated in place.
struct BatchNormTensors {
    Tensor weight, bias, running_mean, running_var;  ///< [c] each
};

/// Normalises x [n, c, …] by mean and variance of all ranks' x, and moves the running statistics towards them by
/// `momentum`. The gradient is that of the mean of all ranks' losses, as far as x goes; those of weight and bias are
/// this rank's own, to be averaged like any other's. Costs one average() of 2c numbers forward and one backward.
/// Sources: Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1 over the union of the batches; torch.nn.SyncBatchNorm.
Tensor sync_batch_norm(const Tensor& x, const BatchNormTensors& tensors, double momentum, double epsilon,
                       const SharedStatistics& shared);

}  // namespace affectsr
