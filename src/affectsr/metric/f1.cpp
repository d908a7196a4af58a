#include "affectsr/metric/f1.h"

#include <limits>

namespace affectsr {

namespace {

F1Average average_from(const std::string& word) {
    if (word == "all") return F1Average::all;
    if (word == "seen") return F1Average::seen;
    if (word == "weighted") return F1Average::weighted;
    throw UsageError("\"average\" must be one of all, seen, weighted; got \"" + word + "\"");
}

}  // namespace

double f1(const ConfusionMatrix& matrix, F1Average average) {
    if (matrix.total() == 0) return std::numeric_limits<double>::quiet_NaN();
    double sum = 0, weights = 0;
    for (int c = 0; c < matrix.answers(); ++c) {
        const bool seen = matrix.truth_total(c) + matrix.answer_total(c) > 0;
        double weight = 1;
        if (average == F1Average::seen) weight = seen ? 1 : 0;
        if (average == F1Average::weighted) weight = static_cast<double>(matrix.truth_total(c));
        sum += weight * matrix.f1(c);
        weights += weight;
    }
    // Truths that cannot be answered have an F1 of 0 and their weight.
    if (average == F1Average::weighted) weights = static_cast<double>(matrix.total());
    return weights > 0 ? sum / weights : 0;
}

F1::F1(const F1Options& options) : ConfusionMetric(options), average_(average_from(options.average)) {}

MetricCard F1::card() const {
    return {.name = "f1",
            .unit = "",
            .source = "scikit-learn 1.2.1; a class without truths and answers counts 0",
            .higher_is_better = true,
            .needs_truth = true};
}

}  // namespace affectsr
