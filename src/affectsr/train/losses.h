// What training minimises, by name.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace affectsr {

using at::Tensor;

/// A loss on one head: logits [n, classes] and target distributions [n, classes], rows of which sum to 1 or, where a
/// face has no target, to 0. Returns a scalar: the mean over the faces that have a target; 0 if none has.
using HeadLoss = Tensor (*)(const Tensor& logits, const Tensor& target, double smoothing);

/// Cross-entropy against a distribution (Barsoum et al. 2016, eq. 3); `smoothing` as Szegedy et al. 2016, sec. 7.
Tensor soft_cross_entropy(const Tensor& logits, const Tensor& target, double smoothing);

/// The loss called `name`. Throws UsageError that names the known ones.
HeadLoss find_loss(const std::string& name);

}  // namespace affectsr
