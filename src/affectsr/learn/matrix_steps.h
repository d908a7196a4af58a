// Steps that make a matrix for each picture as LibTorch plays them: covariances, congruences, functions of eigenvalues.
#pragma once

#include "affectsr/learn/tensor.h"
#include "affectsr/plan/plan.h"

namespace affectsr {

/// step::Covariance: [n, c, h, w] → [n, 1, c, c], in float32, or in double where x is; never in bfloat16, autocast or
/// not.
Tensor covariance(const Tensor& x, double ridge);

/// step::Congruence: [n, 1, from, from] → Wᵀ X W [n, 1, to, to], `weight` [from, to]; as precise as covariance().
Tensor congruence(const Tensor& x, const Tensor& weight);

/// step::MapEigenvalues: [n, 1, c, c] → the same shape and type, computed in double. The gradient is that of the
/// divided differences of f (Daleckii & Krein 1965; Bhatia 1997, th. V.3.3), which is finite and exact for equal and
/// clipped eigenvalues, too; that of eigenvectors, which LibTorch would take, has 1 / (λᵢ − λⱼ). A gradient of a
/// gradient throws UsageError (`no_second_gradient`).
Tensor mapped_eigenvalues(const Tensor& x, const step::MapEigenvalues& map);

}  // namespace affectsr
