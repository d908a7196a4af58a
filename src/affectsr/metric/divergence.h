// How far two answers about one face are apart.
#pragma once

#include <span>

namespace affectsr {

/// Jensen–Shannon divergence of two distributions over the same classes, in bits: 0 for equal ones, 1 for two that
/// share no class; symmetric, finite whatever is zero. Throws Bug unless both have the same number of classes, at least
/// one. Source: Lin 1991, eq. 4.1 with equal weights.
double jensen_shannon_bits(std::span<const float> p, std::span<const float> q);

}  // namespace affectsr
