#include "affectsr/metric/f1.h"

#include <limits>

namespace affectsr {

namespace {

F1Average average_from(const std::string& word) {
    if (word == "seen") return F1Average::seen;
    if (word == "all") return F1Average::all;
    if (word == "weighted") return F1Average::weighted;
    throw UsageError("\"average\" must be one of seen, all, weighted; got \"" + word + "\"");
}

}  // namespace

std::vector<int> f1_classes(const ConfusionMatrix& matrix, F1Average average) {
    std::vector<int> classes;
    for (int c = 0; c < matrix.answers(); ++c) {
        const bool counts =
            average == F1Average::all || (average == F1Average::seen ? matrix.seen(c) : matrix.truth_total(c) > 0);
        if (counts) classes.push_back(c);
    }
    return classes;
}

double f1(const ConfusionMatrix& matrix, F1Average average) {
    if (matrix.total() == 0) return std::numeric_limits<double>::quiet_NaN();
    double sum = 0, weights = 0;
    for (const int c : f1_classes(matrix, average)) {
        const double weight = average == F1Average::weighted ? static_cast<double>(matrix.truth_total(c)) : 1;
        sum += weight * matrix.f1(c);
        weights += weight;
    }
    // Truths that cannot be answered have an F1 of 0 and their weight.
    if (average == F1Average::weighted) weights = static_cast<double>(matrix.total());
    return weights > 0 ? sum / weights : std::numeric_limits<double>::quiet_NaN();
}

F1::F1(const F1Options& options) : ConfusionMetric(options), average_(average_from(options.average)) {}

Json F1::details() const {
    Json behind = ConfusionMetric::details();
    behind["classes"] = class_names(f1_classes(matrix(), average_));
    return behind;
}

MetricCard F1::card() const {
    return {.name = "f1",
            .unit = "",
            .source = "scikit-learn 1.2.1; macro: over the classes that occur as truth or answer",
            .higher_is_better = true,
            .needs_truth = true};
}

}  // namespace affectsr
