// The confusion matrix, from which accuracy, F1 and kappa are read.
#pragma once

#include <cstdint>
#include <vector>

#include "affectsr/metric/metric.h"

namespace affectsr {

/// Counts of truths (rows) against answers (columns). There may be more truths than answers: a truth that cannot be
/// answered (contempt, asked of a network of seven classes) is a row of misses. A face without an answer counts in its
/// truth's row and in no column.
class ConfusionMatrix {
 public:
    /// Throws Bug unless 1 ≤ answers ≤ truths.
    ConfusionMatrix(int truths, int answers);
    /// Throws Bug for an index out of range.
    void add(int truth, int answer);
    void add_unanswered(int truth);

    int truths() const { return static_cast<int>(unanswered_.size()); }
    int answers() const { return answers_; }
    std::int64_t at(int truth, int answer) const;
    std::int64_t unanswered(int truth) const { return unanswered_.at(static_cast<std::size_t>(truth)); }
    /// Faces of one truth, answered or not.
    std::int64_t truth_total(int truth) const;
    std::int64_t answer_total(int answer) const;
    std::int64_t total() const;
    std::int64_t correct() const;
    /// Whether the class occurs, as a truth or as an answer.
    bool seen(int answer) const { return truth_total(answer) + answer_total(answer) > 0; }

    /// Share of the truth's faces that were answered so; 0 where there are none (scikit-learn's zero_division=0).
    double recall(int truth) const;
    /// Share of the answers that were right; 0 where it was never answered.
    double precision(int answer) const;
    /// 2 TP / (truths + answers); 0 where neither occurs.
    double f1(int answer) const;
    /// The same without the last truths, as far as they cannot be answered and never occur.
    ConfusionMatrix trimmed() const;

 private:
    int answers_;
    std::vector<std::int64_t> counts_;      // [truths, answers]
    std::vector<std::int64_t> unanswered_;  // [truths]
};

/// Which classes a classification metric counts.
struct ClassOptions {
    int classes = kExpressionClasses;  ///< 7: without contempt as an answer; 8: with it
    void fields(auto&& f) { f("classes", classes, "classes that can be answered; 8 with contempt", Range{7, 8}); }
};

/// Base of the metrics that are read off the confusion matrix of `truth` against the answer on `sr`.
class ConfusionMetric : public Metric {
 public:
    explicit ConfusionMetric(const ClassOptions& options);
    /// Throws Bug without a truth or for an answer beyond the classes.
    void add(const Judged& face) override;
    /// "n", "correct", "truths" (names), "confusion", "unanswered" (in the order of "truths") and "by_class" (see
    /// by_class()). Contempt has a row only if it occurs or can be answered.
    Json details() const override;
    const ConfusionMatrix& matrix() const { return matrix_; }

 private:
    ConfusionMatrix matrix_;
};

/// The matrix itself: value() is the number of faces, details() the counts.
class Confusion : public ConfusionMetric {
 public:
    using ConfusionMetric::ConfusionMetric;
    MetricCard card() const override;
    double value() const override { return static_cast<double>(matrix().total()); }
};

/// The matrix as a list of rows.
Json to_json(const ConfusionMatrix& matrix);
/// {name: {n, recall, precision, f1}} of every truth, in canonical order. Null where a measure is not defined: recall
/// without truths, precision without answers, F1 without both; a truth that cannot be answered has n and recall only.
Json by_class(const ConfusionMatrix& matrix);
/// The names of class indices, as reports list them.
Json class_names(const std::vector<int>& classes);

}  // namespace affectsr
