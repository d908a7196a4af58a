// Calibration: whether a confidence of 0.8 is right eight times in ten.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "affectsr/metric/metric.h"

namespace affectsr {

/// Answers sorted into equal bins (low, high] of their confidence. Source: Guo et al. 2017, arXiv:1706.04599, eq. 2–5.
class Reliability {
 public:
    struct Bin {
        double low = 0, high = 0;
        std::int64_t answers = 0;
        double accuracy = 0;    ///< share that was right; 0 in an empty bin
        double confidence = 0;  ///< mean; 0 in an empty bin
    };
    /// Throws Bug for bins < 1.
    explicit Reliability(int bins = 15);
    /// One answer; `confidence` 0–1, the probability of the answered class (0 itself falls into the first bin).
    void add(double confidence, bool right);
    std::vector<Bin> bins() const;
    std::int64_t answers() const { return answers_; }
    /// Expected calibration error: mean gap of accuracy and confidence, weighted by the answers of each bin, 0–1; NaN
    /// for none.
    double expected_error() const;
    /// The largest gap of any bin, 0–1; NaN for none.
    double largest_error() const;
    double mean_confidence() const;  ///< 0–1; NaN for none

 private:
    struct Sum {
        std::int64_t answers = 0, right = 0;
        double confidence = 0;
    };
    std::vector<Sum> sums_;
    std::int64_t answers_ = 0;
};

/// −ln of the truth's probability, which is taken as at least 1e-12, also where the truth is not a class.
double log_loss(std::span<const double> probability, int truth);
/// Σ (p − onehot)² over the classes, 0–2; a truth that is not a class adds 1. Source: Brier 1950.
double brier_score(std::span<const double> probability, int truth);

struct CalibrationOptions {
    int bins = 15;
    std::string measure = "ece";
    void fields(auto&& f) {
        f("bins", bins, "equal bins of confidence", Range{1, 1000});
        f("measure", measure, "which number value() gives", OneOf{{"ece", "mce", "nll", "brier"}});
    }
};

/// Calibration of the answers on `sr` against the truth; faces without an answer are counted in details() only.
class Calibration : public Metric {
 public:
    explicit Calibration(const CalibrationOptions& options);
    MetricCard card() const override;
    /// Throws Bug without a truth.
    void add(const Judged& face) override;
    double value() const override;
    /// All four measures, mean confidence and every bin.
    Json details() const override;

 private:
    CalibrationOptions options_;
    Reliability reliability_;
    double log_loss_ = 0, brier_ = 0;
    std::int64_t unanswered_ = 0;
};

}  // namespace affectsr
