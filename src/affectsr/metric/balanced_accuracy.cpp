#include "affectsr/metric/balanced_accuracy.h"

#include <limits>

namespace affectsr {

double balanced_accuracy(const ConfusionMatrix& matrix) {
    double sum = 0;
    int present = 0;
    for (int c = 0; c < matrix.answers(); ++c) {
        if (matrix.truth_total(c) == 0) continue;
        sum += matrix.recall(c);
        ++present;
    }
    return present > 0 ? sum / present : std::numeric_limits<double>::quiet_NaN();
}

MetricCard BalancedAccuracy::card() const {
    return {.name = "balanced_accuracy",
            .unit = "",
            .source = "mean recall of the classes present, as scikit-learn",
            .higher_is_better = true,
            .needs_truth = true};
}

}  // namespace affectsr
