#include "affectsr/metric/kappa.h"

#include <limits>

namespace affectsr {

double kappa(const ConfusionMatrix& matrix) {
    const auto faces = static_cast<double>(matrix.total());
    double chance = 0;
    for (int c = 0; c < matrix.answers(); ++c) {
        chance += static_cast<double>(matrix.truth_total(c)) * static_cast<double>(matrix.answer_total(c));
    }
    if (faces == 0 || chance == faces * faces) return std::numeric_limits<double>::quiet_NaN();
    const double expected = chance / (faces * faces);
    return (static_cast<double>(matrix.correct()) / faces - expected) / (1 - expected);
}

MetricCard Kappa::card() const {
    return {.name = "kappa",
            .unit = "",
            .source = "Cohen 1960, doi:10.1177/001316446002000104",
            .higher_is_better = true,
            .needs_truth = true};
}

}  // namespace affectsr
