// Two readers of the same faces: which is better, and whether the difference could be chance.
#pragma once

#include <cstdint>
#include <span>

#include "affectsr/base/fields.h"
#include "affectsr/experiment/figures.h"
#include "affectsr/experiment/judge.h"

namespace affectsr {

/// Probability that coins fall at least as unevenly as `only_a` against `only_b`: the exact two-sided test of McNemar
/// 1947 on the faces that one reader alone reads rightly (Dietterich 1998). 1 for none.
double mcnemar(std::int64_t only_a, std::int64_t only_b);

/// Of two answers to the same faces how many have another label, as JSON: {"n", "flips", "rate"}; faces that one of
/// them does not answer are not counted, "rate" is null for none. Throws Bug unless both are on the same samples in the
/// same order.
Json flips_between(std::span<const Verdict> a, std::span<const Verdict> b);

/// McNemar's probability of two answers to the same faces. Throws as flips_between.
double mcnemar(std::span<const Verdict> a, std::span<const Verdict> b);

/// The figures of two readers on the same faces, as JSON with the keys
///   n                                   faces
///   accuracy_a, accuracy_b              as in figures_of()
///   accuracy_difference, _low, _high    b − a, with its 95 % percentile bootstrap interval over faces, 1,000 resamples
///   both_right, only_a, only_b, neither faces that were read rightly
///   mcnemar_p                           of only_a against only_b
///   same_label                          faces that both answer alike, "no answer" too
///   ece_a, ece_b                        of the determined answers of each
///   ece_difference, _low, _high         b − a, its interval from the same resamples
///   a, b                                figures_of() of each
/// Numbers that are not defined (no faces) are null. Throws Bug unless both are on the same samples in the same order.
Json paired_figures(std::span<const Verdict> a, std::span<const Verdict> b, std::uint64_t seed);

}  // namespace affectsr
