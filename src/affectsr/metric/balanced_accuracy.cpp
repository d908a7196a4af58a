#include "affectsr/metric/balanced_accuracy.h"

#include <limits>

namespace affectsr {

std::vector<int> classes_among_truths(const ConfusionMatrix& matrix) {
    std::vector<int> classes;
    for (int c = 0; c < matrix.answers(); ++c) {
        if (matrix.truth_total(c) > 0) classes.push_back(c);
    }
    return classes;
}

double balanced_accuracy(const ConfusionMatrix& matrix) {
    const std::vector<int> classes = classes_among_truths(matrix);
    if (classes.empty()) return std::numeric_limits<double>::quiet_NaN();
    double sum = 0;
    for (const int c : classes) sum += matrix.recall(c);
    return sum / static_cast<double>(classes.size());
}

Json BalancedAccuracy::details() const {
    Json behind = ConfusionMetric::details();
    behind["classes"] = class_names(classes_among_truths(matrix()));
    return behind;
}

MetricCard BalancedAccuracy::card() const {
    return {.name = "balanced_accuracy",
            .unit = "",
            .source = "mean recall of the classes present, as scikit-learn",
            .higher_is_better = true,
            .needs_truth = true};
}

}  // namespace affectsr
