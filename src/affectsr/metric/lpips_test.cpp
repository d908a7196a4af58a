#include "affectsr/metric/lpips.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

/// The distance of two pictures of one layer with two channels.
double between(const std::vector<float>& a, const std::vector<float>& b,
               const std::vector<std::vector<float>>& weights = {}) {
    const FeatureMap hr{2, a}, sr{2, b};
    return lpips_distance(std::span(&hr, 1), std::span(&sr, 1), weights).distance;
}

TEST(Lpips, LooksAtTheDirectionOfFeaturesNotAtTheirLength) {
    EXPECT_NEAR(between({3, 4}, {6, 8}), 0, 1e-12);
    EXPECT_NEAR(between({1, 0}, {0, 5}), 2, 1e-8) << "at right angles";
}

TEST(Lpips, IsTheMeanOverPixelsAndTheSumOverLayers) {
    // [2 channels, 2 pixels]: the first pixel turns, the second stays.
    EXPECT_NEAR(between({1, 1, 0, 0}, {0, 1, 1, 0}), 1, 1e-8);
    const std::vector<float> a{1, 0}, b{0, 1};
    const std::vector<FeatureMap> hr{{2, a}, {2, a}}, sr{{2, b}, {2, a}};
    const LpipsParts parts = lpips_distance(hr, sr, {});
    EXPECT_NEAR(parts.by_layer[0], 2, 1e-8);
    EXPECT_NEAR(parts.by_layer[1], 0, 1e-12);
    EXPECT_NEAR(parts.distance, 2, 1e-8);
}

TEST(Lpips, HeadsWeighChannels) {
    EXPECT_NEAR(between({1, 0}, {0, 1}, {{0.5F, 0.25F}}), 0.75, 1e-8);
    EXPECT_THROW(between({1, 0}, {0, 1}, {{0.5F}}), Bug);
    EXPECT_THROW(between({1, 0}, {0, 1, 1, 1}), Bug);
}

TEST(Lpips, TheGradientIsTheSlopeOfTheDistance) {
    const std::vector<float> a{0.5F, 1, 0.25F, 2, 1, 0.125F};  // three channels, two pixels
    std::vector<float> b{1, 0.5F, 0.75F, 1, 0.25F, 2};
    const std::vector<std::vector<float>> weights{{1, 0.5F, 2}};
    const FeatureMap hr{3, a};
    const auto distance = [&](std::vector<std::vector<float>>* gradient = nullptr) {
        const FeatureMap sr{3, b};
        return lpips_distance(std::span(&hr, 1), std::span(&sr, 1), weights, gradient).distance;
    };
    std::vector<std::vector<float>> gradient;
    distance(&gradient);
    for (std::size_t i = 0; i < b.size(); ++i) {
        const float was = b[i], step = 1.0F / 1024;
        b[i] = was + step;
        const double above = distance();
        b[i] = was - step;
        const double below = distance();
        b[i] = was;
        EXPECT_NEAR(gradient[0][i], (above - below) / (2 * static_cast<double>(step)), 1e-4) << "feature " << i;
    }
}

TEST(Lpips, DeadFeaturesGiveNoSlopeAndNoNan) {
    const std::vector<float> a{1, 0}, dead{0, 0};
    const FeatureMap hr{2, a}, sr{2, dead};
    std::vector<std::vector<float>> gradient;
    EXPECT_NEAR(lpips_distance(std::span(&hr, 1), std::span(&sr, 1), {}, &gradient).distance, 1, 1e-8);
    EXPECT_EQ(gradient[0], dead);
}

}  // namespace
}  // namespace affectsr
