// How far a share of faces could be off by chance.
#pragma once

#include <cstdint>
#include <span>

namespace affectsr {

/// An interval that holds the true value in 95 of 100 repetitions.
struct Interval {
    double low = 0, high = 0;
};

/// Percentile bootstrap of a share: `resamples` draws of `count` faces with replacement, `hits` of them hits. The same
/// for the same seed on every machine; {NaN, NaN} for no faces. Throws Bug unless 0 ≤ hits ≤ count and resamples ≥ 1.
/// Source: Efron & Tibshirani 1993, ch. 13.
Interval bootstrap_share(std::int64_t hits, std::int64_t count, std::uint64_t seed, int resamples = 1000);

/// The same of a mean over faces: draws of as many of the `values` with replacement. {NaN, NaN} for none. Throws Bug
/// unless resamples ≥ 1.
Interval bootstrap_mean(std::span<const double> values, std::uint64_t seed, int resamples = 1000);

}  // namespace affectsr
