// Cohen's kappa: agreement beyond chance.
#pragma once

#include "affectsr/metric/confusion.h"

namespace affectsr {

/// (observed − expected) / (1 − expected) agreement, −1…1; NaN for no faces or where chance alone agrees always.
/// Source: Cohen 1960, doi:10.1177/001316446002000104.
double kappa(const ConfusionMatrix& matrix);

class Kappa : public ConfusionMetric {
 public:
    using ConfusionMetric::ConfusionMetric;
    MetricCard card() const override;
    double value() const override { return kappa(matrix()); }
};

}  // namespace affectsr
