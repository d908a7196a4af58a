// Steps of learning on matrices with orthonormal columns (the Stiefel manifold), as a congruence's weight is one.
#pragma once

#include "affectsr/learn/tensor.h"

namespace affectsr {

/// The part of a gradient that is tangent to the manifold at `weight`, both [from, to ≤ from]: G − W (WᵀG + GᵀW) / 2.
/// Source: Absil, Mahony & Sepulchre 2008, Optimization Algorithms on Matrix Manifolds, sec. 3.6.1.
Tensor stiefel_gradient(const Tensor& weight, const Tensor& gradient);

/// The weight after a step against its gradient: the orthonormal columns of W − rate · stiefel_gradient, by the QR
/// decomposition whose R has a positive diagonal, so that no column changes its sign. Not differentiable.
Tensor stiefel_step(const Tensor& weight, const Tensor& gradient, double rate);

}  // namespace affectsr
