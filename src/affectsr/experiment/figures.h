// The figures of one row of a report: what many verdicts amount to.
#pragma once

#include <cstdint>
#include <span>

#include "affectsr/base/fields.h"
#include "affectsr/experiment/judge.h"

namespace affectsr {

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
