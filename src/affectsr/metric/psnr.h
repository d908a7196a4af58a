// Peak signal-to-noise ratio.
#pragma once

#include "affectsr/metric/metric.h"
#include "affectsr/metric/planes.h"

namespace affectsr {

struct PsnrOptions : PlaneOptions {
    /// Added to the mean squared error of values 0–1. BasicSR's tensor version adds 1e-8, which ends at 80 dB.
    double error_floor = 0;
    void fields(auto&& f) {
        PlaneOptions::fields(f);
        f("error_floor", error_floor, "added to the mean squared error of values 0-1", Range{0, 1});
    }
};

/// Peak signal-to-noise ratio of `sr` against `hr` in dB, 10 log10(255² / MSE), the MSE over all pixels and compared
/// channels. Equal pictures give +infinity. Throws InputError if the sizes differ or the border leaves nothing.
/// Source: Wang et al. 2004, sec. I; channels and borders as BasicSR 8d56e3a.
double psnr_db(const Image& hr, const Image& sr, const PsnrOptions& options = {});

/// Mean of psnr_db over the faces (of the ratios, not of the errors); details() counts pairs that are equal, whose
/// infinity would hide the others, and gives the mean of the others.
class Psnr : public Metric {
 public:
    explicit Psnr(const PsnrOptions& options) : options_(options) {}
    MetricCard card() const override;
    void add(const Judged& face) override;
    double value() const override;
    Json details() const override;

 private:
    PsnrOptions options_;
    std::int64_t faces_ = 0, equal_ = 0;
    double sum_db_ = 0;  // of the pairs that differ
};

}  // namespace affectsr
