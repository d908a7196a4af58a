// Flip rate: how many faces got another expression by being restored.
#pragma once

#include <cstdint>

#include "affectsr/metric/bootstrap.h"
#include "affectsr/metric/confusion.h"

namespace affectsr {

struct FlipRateOptions : ClassOptions {
    int resamples = 1000;
    std::uint64_t seed = 1;
    void fields(auto&& f) {
        ClassOptions::fields(f);
        f("resamples", resamples, "draws of the bootstrap interval", Range{1, 1e6});
        f("seed", seed, "of the bootstrap interval");
    }
};

/// The share of faces whose most probable label on `sr` is another than on `hr`, 0–1. A face that was read on the
/// original and not when restored has flipped; one that was not read on the original is only counted.
class FlipRate : public Metric {
 public:
    explicit FlipRate(const FlipRateOptions& options);
    MetricCard card() const override;
    /// Throws Bug for a label beyond the classes.
    void add(const Judged& face) override;
    /// NaN before the first face that was read on the original.
    double value() const override;
    /// 95 % percentile bootstrap over faces.
    Interval interval() const;
    /// Rows: the label on the original, columns: on the restored face; unanswered: not read when restored.
    const ConfusionMatrix& matrix() const { return matrix_; }
    /// "faces", "flips", "low", "high", "labels", "matrix" (rows: original), "unanswered" (by original), "unread".
    Json details() const override;

 private:
    FlipRateOptions options_;
    ConfusionMatrix matrix_;
    std::int64_t unread_ = 0;
};

}  // namespace affectsr
