#include "affectsr/metric/accuracy.h"

#include <limits>

namespace affectsr {

double accuracy(const ConfusionMatrix& matrix) {
    const std::int64_t faces = matrix.total();
    return faces > 0 ? static_cast<double>(matrix.correct()) / static_cast<double>(faces)
                     : std::numeric_limits<double>::quiet_NaN();
}

bool in_top(std::span<const double> probability, int truth, int top) {
    AFFECTSR_EXPECT(top >= 1, "the best of none");
    if (truth < 0 || truth >= static_cast<int>(probability.size())) return false;
    int before = 0;
    for (int c = 0; c < static_cast<int>(probability.size()); ++c) {
        if (probability[c] > probability[truth] || (probability[c] == probability[truth] && c < truth)) ++before;
    }
    return before < top;
}

MetricCard Accuracy::card() const {
    return {.name = "accuracy",
            .unit = "",
            .source = "share of all faces, unanswered ones included",
            .higher_is_better = true,
            .needs_truth = true};
}

void Accuracy::add(const Judged& face) {
    ConfusionMetric::add(face);
    const Expression& answer = face.in_sr;
    for (std::size_t i = 0; i < answer.labels.size(); ++i) {
        if (answer.labels[i] != *face.truth) continue;
        const std::vector<double> probability(answer.probability.begin(), answer.probability.end());
        hits_ += in_top(probability, static_cast<int>(i), top_);
    }
}

double Accuracy::value() const {
    const std::int64_t faces = matrix().total();
    return faces > 0 ? static_cast<double>(hits_) / static_cast<double>(faces)
                     : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace affectsr
