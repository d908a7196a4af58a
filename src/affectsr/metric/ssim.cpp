#include "affectsr/metric/ssim.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace affectsr {

namespace {

using Values = std::vector<double>;

Values window_weights(const std::string& window) {
    if (window == "uniform") return Values(7, 1.0 / 7);
    if (window != "gaussian") throw UsageError("\"window\" must be one of gaussian, uniform; got \"" + window + "\"");
    Values weights(11);
    double sum = 0;
    for (int i = 0; i < 11; ++i) sum += weights[i] = std::exp(-(i - 5) * (i - 5) / (2 * 1.5 * 1.5));
    for (double& weight : weights) weight /= sum;
    return weights;
}

// The weighted mean around every position where the whole window lies inside: [h − k + 1, w − k + 1].
Plane inside_means(const Plane& plane, const Values& weights) {
    const int k = static_cast<int>(weights.size()), width = plane.width - k + 1, height = plane.height - k + 1;
    Plane rows{width, plane.height, Values(static_cast<std::size_t>(width) * plane.height)};
    for (int y = 0; y < plane.height; ++y) {
        const double* from = &plane.values[static_cast<std::size_t>(y) * plane.width];
        double* to = &rows.values[static_cast<std::size_t>(y) * width];
        for (int x = 0; x < width; ++x) {
            for (int i = 0; i < k; ++i) to[x] += weights[i] * from[x + i];
        }
    }
    Plane means{width, height, Values(static_cast<std::size_t>(width) * height)};
    for (int y = 0; y < height; ++y) {
        double* to = &means.values[static_cast<std::size_t>(y) * width];
        for (int i = 0; i < k; ++i) {
            const double* from = &rows.values[static_cast<std::size_t>(y + i) * width];
            for (int x = 0; x < width; ++x) to[x] += weights[i] * from[x];
        }
    }
    return means;
}

// The transpose of inside_means: spreads every value over its window.
Plane spread(const Plane& plane, const Values& weights) {
    const int k = static_cast<int>(weights.size()), width = plane.width + k - 1, height = plane.height + k - 1;
    Plane whole{width, height, Values(static_cast<std::size_t>(width) * height)};
    for (int y = 0; y < plane.height; ++y) {
        for (int x = 0; x < plane.width; ++x) {
            const double value = plane.values[static_cast<std::size_t>(y) * plane.width + x];
            for (int j = 0; j < k; ++j) {
                double* to = &whole.values[static_cast<std::size_t>(y + j) * width + x];
                for (int i = 0; i < k; ++i) to[i] += value * weights[j] * weights[i];
            }
        }
    }
    return whole;
}

Plane product(const Plane& a, const Plane& b) {
    Plane result = a;
    for (std::size_t i = 0; i < a.values.size(); ++i) result.values[i] *= b.values[i];
    return result;
}

}  // namespace

double plane_ssim(const Plane& hr, const Plane& sr, const SsimOptions& options, Values* gradient) {
    constexpr double kC1 = (0.01 * 255) * (0.01 * 255), kC2 = (0.03 * 255) * (0.03 * 255);
    const Values weights = window_weights(options.window);
    const auto side = static_cast<int>(weights.size());
    if (hr.width != sr.width || hr.height != sr.height) throw InputError("size_mismatch", "planes of two sizes");
    if (hr.width < side || hr.height < side) {
        throw InputError("too_small", "SSIM needs " + std::to_string(side) + " × " + std::to_string(side) +
                                          " px inside the border, got " + std::to_string(hr.width) + " × " +
                                          std::to_string(hr.height));
    }
    const double pixels = static_cast<double>(side) * side;
    const double norm = options.sample_covariance ? pixels / (pixels - 1) : 1;

    const Plane mean_hr = inside_means(hr, weights), mean_sr = inside_means(sr, weights);
    const Plane hr_hr = inside_means(product(hr, hr), weights), sr_sr = inside_means(product(sr, sr), weights);
    const Plane hr_sr = inside_means(product(hr, sr), weights);
    const std::size_t count = mean_hr.values.size();
    // Derivatives of the local similarity by the window's mean of sr, of sr², and of hr · sr.
    Plane by_mean = mean_sr, by_square = mean_sr, by_product = mean_sr;
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double mx = mean_hr.values[i], my = mean_sr.values[i];
        const double a1 = 2 * mx * my + kC1, a2 = 2 * norm * (hr_sr.values[i] - mx * my) + kC2;
        const double b1 = mx * mx + my * my + kC1;
        const double b2 = norm * (hr_hr.values[i] - mx * mx + sr_sr.values[i] - my * my) + kC2;
        const double similarity = a1 * a2 / (b1 * b2);
        sum += similarity;
        by_product.values[i] = norm * 2 * a1 / (b1 * b2);
        by_square.values[i] = -norm * similarity / b2;
        by_mean.values[i] = 2 * mx * a2 / (b1 * b2) - 2 * my * similarity / b1 - mx * by_product.values[i] -
                            2 * my * by_square.values[i];
    }
    if (gradient) {
        const Plane mean = spread(by_mean, weights), square = spread(by_square, weights);
        const Plane cross = spread(by_product, weights);
        gradient->resize(sr.values.size());
        for (std::size_t i = 0; i < sr.values.size(); ++i) {
            (*gradient)[i] = (mean.values[i] + 2 * sr.values[i] * square.values[i] + hr.values[i] * cross.values[i]) /
                             static_cast<double>(count);
        }
    }
    return sum / static_cast<double>(count);
}

double ssim(const Image& hr, const Image& sr, const SsimOptions& options) {
    expect_same_size(hr, sr);
    const std::vector<Plane> truth = compared_planes(hr, options), judged = compared_planes(sr, options);
    double sum = 0;
    for (std::size_t c = 0; c < truth.size(); ++c) sum += plane_ssim(truth[c], judged[c], options);
    return sum / static_cast<double>(truth.size());
}

MetricCard Ssim::card() const {
    return {.name = "ssim",
            .unit = "",
            .source = "Wang et al. 2004, doi:10.1109/TIP.2003.819861",
            .higher_is_better = true,
            .needs_pictures = true};
}

void Ssim::add(const Judged& face) {
    AFFECTSR_EXPECT(face.hr && face.sr, "ssim compares two pictures");
    const double similarity = ssim(*face.hr, *face.sr, options_);
    ++faces_;
    sum_ += similarity;
    least_ = std::min(least_, similarity);
}

double Ssim::value() const {
    return faces_ > 0 ? sum_ / static_cast<double>(faces_) : std::numeric_limits<double>::quiet_NaN();
}

Json Ssim::details() const {
    return {{"faces", faces_}, {"least", faces_ > 0 ? Json(least_) : Json()}};
}

}  // namespace affectsr
