// Fréchet distance of two sets of pictures, as a network's features see them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "affectsr/metric/metric.h"

namespace affectsr {

/// Mean and covariance of rows of features, gathered one by one (Welford's update, in double).
class FeatureStatistics {
 public:
    /// Throws Bug for no features, or another number than before.
    void add(std::span<const float> features);
    std::int64_t count() const { return count_; }
    int dimensions() const { return static_cast<int>(mean_.size()); }
    const std::vector<double>& mean() const { return mean_; }
    /// Unbiased (n − 1), [d, d] row-major. Throws Bug for fewer than two rows.
    std::vector<double> covariance() const;

 private:
    std::int64_t count_ = 0;
    std::vector<double> mean_, spread_;  // spread: Σ (x − mean)(x − mean)ᵀ
};

/// The distance and its parts: squared_mean + traces − 2 trace_of_root.
struct FrechetParts {
    double distance = 0;
    double squared_mean = 0;   ///< ‖m1 − m2‖²
    double traces = 0;         ///< tr S1 + tr S2
    double trace_of_root = 0;  ///< tr √(S1 S2), by the eigenvalues of √S1 S2 √S1, those under 0 taken as 0
};

/// Fréchet distance of the normal distributions with these means and covariances; ≥ 0 but for rounding, which for
/// singular covariances reaches 1e-7 of the traces. Throws Bug
/// unless both have two rows or more of equally many features. Source: Dowson & Landau 1982; Heusel et al. 2017,
/// arXiv:1706.08500, eq. 6.
FrechetParts frechet_distance(const FeatureStatistics& a, const FeatureStatistics& b);

struct FrechetOptions {
    std::string network;  ///< whose features they are; another network gives other numbers
    void fields(auto&& f) { f("network", network, "whose features they are, for the report"); }
};

/// The distance of the restored faces' features from those of the originals. It is FID only with the features of FID's
/// Inception network. Of no more faces than features a covariance is singular: details() says so.
class FrechetDistance : public Metric {
 public:
    explicit FrechetDistance(const FrechetOptions& options) : options_(options) {}
    MetricCard card() const override;
    /// Throws Bug without features.
    void add(const Judged& face) override;
    /// NaN for fewer than two faces. Works anew at every call: some seconds for 2,048 features.
    double value() const override;
    /// "network", "faces", "features", "singular", "squared_mean", "trace_of_root".
    Json details() const override;

 private:
    FrechetOptions options_;
    FeatureStatistics hr_, sr_;
};

}  // namespace affectsr
