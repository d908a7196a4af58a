// Structural similarity.
#pragma once

#include <vector>

#include "affectsr/metric/metric.h"
#include "affectsr/metric/planes.h"

namespace affectsr {

struct SsimOptions : PlaneOptions {
    /// "gaussian": 11 × 11, sigma 1.5, as the paper and BasicSR. "uniform": 7 × 7, skimage's default.
    std::string window = "gaussian";
    bool sample_covariance = false;  ///< variances times N / (N − 1), N pixels in the window; skimage's default
    void fields(auto&& f) {
        PlaneOptions::fields(f);
        f("window", window, "weights of the neighbourhood", OneOf{{"gaussian", "uniform"}});
        f("sample_covariance", sample_covariance, "variances as those of a sample, as skimage does");
    }
};

/// Structural similarity of `sr` with `hr`, −1…1, averaged over the positions where the window lies wholly inside and
/// over the compared channels; C1 = (0.01 · 255)², C2 = (0.03 · 255)². Throws InputError if the sizes differ
/// (`size_mismatch`) or the picture inside its border is smaller than the window (`too_small`). Source: Wang et al.
/// 2004, eq. 13; BasicSR 8d56e3a.
double ssim(const Image& hr, const Image& sr, const SsimOptions& options = {});

/// Similarity of two planes and, if `gradient` is given, its derivative by every value of `sr` (same order).
/// Throws InputError (`too_small`, `size_mismatch`).
double plane_ssim(const Plane& hr, const Plane& sr, const SsimOptions& options,
                  std::vector<double>* gradient = nullptr);

/// Mean of ssim() over the faces.
class Ssim : public Metric {
 public:
    explicit Ssim(const SsimOptions& options) : options_(options) {}
    MetricCard card() const override;
    void add(const Judged& face) override;
    double value() const override;
    Json details() const override;

 private:
    SsimOptions options_;
    std::int64_t faces_ = 0;
    double sum_ = 0, least_ = 1;
};

}  // namespace affectsr
