// Balanced accuracy: the mean of the classes' recalls, called "mean class accuracy" in papers.
#pragma once

#include <vector>

#include "affectsr/metric/confusion.h"

namespace affectsr {

/// The answerable classes that occur among the truths, ascending.
std::vector<int> classes_among_truths(const ConfusionMatrix& matrix);
/// Mean recall over the answerable classes that occur among the truths; NaN if none does.
/// Source: scikit-learn's balanced_accuracy_score; DDAMFN.
double balanced_accuracy(const ConfusionMatrix& matrix);

class BalancedAccuracy : public ConfusionMetric {
 public:
    using ConfusionMetric::ConfusionMetric;
    MetricCard card() const override;
    double value() const override { return balanced_accuracy(matrix()); }
    /// Those of ConfusionMetric, and "classes": the names of classes_among_truths().
    Json details() const override;
};

}  // namespace affectsr
