#include "affectsr/metric/lpips.h"

#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr double kLeastLength = 1e-10;  // PerceptualSimilarity's normalize_tensor

/// The channels of one pixel, which lie `stride` apart.
struct PixelFeatures {
    const float* first;
    std::size_t channels, stride;
    double operator[](std::size_t c) const { return static_cast<double>(first[c * stride]); }
    double length() const {
        double sum = 0;
        for (std::size_t c = 0; c < channels; ++c) sum += (*this)[c] * (*this)[c];
        return std::sqrt(sum);
    }
};

/// Distance of two pixels; adds its slope by every channel of `sr`, times `share`, to `slopes` (same stride).
double pixel_distance(const PixelFeatures& hr, const PixelFeatures& sr, std::span<const float> weights, double share,
                      float* slopes) {
    const double of_hr = hr.length() + kLeastLength, length = sr.length(), of_sr = length + kLeastLength;
    const auto weight = [&](std::size_t c) { return weights.empty() ? 1.0 : static_cast<double>(weights[c]); };
    const auto difference = [&](std::size_t c) { return sr[c] / of_sr - hr[c] / of_hr; };
    double sum = 0, along = 0;  // along: the slope in the direction of sr, which normalising takes away
    for (std::size_t c = 0; c < hr.channels; ++c) {
        sum += weight(c) * difference(c) * difference(c);
        along += 2 * weight(c) * difference(c) * sr[c];
    }
    if (slopes == nullptr || length == 0) return sum;
    for (std::size_t c = 0; c < hr.channels; ++c)
        slopes[c * hr.stride] = static_cast<float>(
            share * (2 * weight(c) * difference(c) / of_sr - sr[c] * along / (length * of_sr * of_sr)));
    return sum;
}

}  // namespace

LpipsParts lpips_distance(std::span<const FeatureMap> hr, std::span<const FeatureMap> sr,
                          std::span<const std::vector<float>> weights, std::vector<std::vector<float>>* gradient) {
    AFFECTSR_EXPECT(hr.size() == sr.size() && (weights.empty() || weights.size() == hr.size()), "as many layers");
    if (gradient != nullptr) gradient->assign(hr.size(), {});
    LpipsParts parts;
    for (std::size_t layer = 0; layer < hr.size(); ++layer) {
        const FeatureMap &a = hr[layer], &b = sr[layer];
        const auto channels = static_cast<std::size_t>(a.channels);
        AFFECTSR_EXPECT(a.channels > 0 && b.channels == a.channels && a.values.size() == b.values.size() &&
                            !a.values.empty() && a.values.size() % channels == 0 &&
                            (weights.empty() || weights[layer].size() == channels),
                        "layers of the same size, and a weight for every channel");
        const std::size_t pixels = a.values.size() / channels;
        if (gradient != nullptr) (*gradient)[layer].assign(a.values.size(), 0);
        double sum = 0;
        for (std::size_t p = 0; p < pixels; ++p)
            sum +=
                pixel_distance({&a.values[p], channels, pixels}, {&b.values[p], channels, pixels},
                               weights.empty() ? std::span<const float>() : weights[layer],
                               1 / static_cast<double>(pixels), gradient == nullptr ? nullptr : &(*gradient)[layer][p]);
        parts.by_layer.push_back(sum / static_cast<double>(pixels));
        parts.distance += parts.by_layer.back();
    }
    return parts;
}

}  // namespace affectsr
