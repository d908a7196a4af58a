// The figures of one row of a report: what many verdicts amount to.
#pragma once

#include <cstdint>
#include <span>

#include "affectsr/base/fields.h"
#include "affectsr/experiment/judge.h"

namespace affectsr {

/// An interval that holds the true value in 95 of 100 repetitions.
struct Interval {
    double low = 0, high = 0;
};

/// Percentile bootstrap of a share: `resamples` draws of `count` faces with replacement, `right` of them right. The
/// same for the same seed on every machine; {NaN, NaN} for no faces. Source: Efron & Tibshirani 1993, ch. 13.
Interval bootstrap_share(std::int64_t right, std::int64_t count, std::uint64_t seed, int resamples = 1000);

/// The figures of one row, as JSON with the keys
///   n, found, undetermined, failed     faces; n = found + undetermined + failed
///   accuracy, accuracy_low, _high      right / n, with its 95 % bootstrap interval
///   coverage, accuracy_found           found / n; right / found
///   macro_f1, macro_f1_classes, _over  mean over the answerable classes seen as truth or answer; how many, their names
///   balanced_accuracy, _over           mean over the answerable classes among the truths; their names
///   kappa                              misses of contempt are false answers there
///   ece, mce, mean_confidence          of the determined answers, 15 bins; contempt as truth is a wrong answer
///   confusion, unanswered              rows truths, columns answers; faces without an answer by truth
///   by_class                           {name: {n, recall, precision, f1}}
///   reasons                            {code: count} of undetermined and failed faces, and of those whose restorer
///                                      failed ("restorer_…")
/// Columns are the seven classes, or eight if an answer's labels name contempt; rows are the same, and one of misses
/// for contempt if it is among the truths. A number that is not defined (no faces) is null. Every measure is one of
/// metric_catalog().
Json figures_of(std::span<const Verdict> verdicts, std::uint64_t seed);

}  // namespace affectsr
