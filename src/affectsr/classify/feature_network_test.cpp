#include "affectsr/classify/feature_network.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "affectsr/checkpoint/published.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

Plan features(const std::string& network, int input_px) {
    return find(feature_network_catalog(), network, "feature network").make({{"input_px", input_px}})->plan;
}

/// Sides of the layers that are looked at.
std::vector<int> sides(const std::string& network, int input_px) {
    const Plan plan = features(network, input_px);
    const std::vector<ValueShape> shapes = plan.shapes(input_px, input_px);
    std::vector<int> widths;
    for (const Plan::Output& output : plan.outputs)
        widths.push_back(shapes[static_cast<std::size_t>(output.step)].width);
    return widths;
}

TEST(FeatureNetwork, LayersHaveThePublishedSizes) {
    EXPECT_EQ(sides("alex", 224), (std::vector<int>{55, 27, 13, 13, 13}));
    EXPECT_EQ(sides("vgg", 224), (std::vector<int>{224, 112, 56, 28, 14}));
    EXPECT_EQ(sides("squeeze", 224), (std::vector<int>{111, 55, 27, 13, 13, 13, 13}));
    EXPECT_EQ(sides("squeezenet10", 227), (std::vector<int>{111, 55, 27, 13}));
}

TEST(FeatureNetwork, APoolHasTheWindowInWhichThePictureEnds) {
    // conv1 61; pool 30 wholly inside; pool of 30: 14 inside and one in which the picture ends.
    EXPECT_EQ(sides("squeezenet10", 128), (std::vector<int>{61, 30, 15, 7}));
}

TEST(FeatureNetwork, HasAsManyNumbersAsThePublishedLayers) {
    EXPECT_EQ(features("alex", 64).parameter_count(), 2469696);
    EXPECT_EQ(features("vgg", 64).parameter_count(), 14714688);
    EXPECT_EQ(features("squeeze", 64).parameter_count(), 722496);
}

TEST(FeatureNetwork, EveryOneIsPlayedAndMakesNoNegativeFeature) {
    for (const Entry<FeatureNetwork>& entry : feature_network_catalog()) {
        const Plan plan = features(entry.name, 64);
        const PlanEngine engine(plan, first_weights(plan, 1), Precision::f32);
        const std::vector<ValueShape> shapes = plan.shapes(64, 64);
        std::map<std::string, std::vector<float>> made;
        Results results;
        for (const Plan::Output& output : plan.outputs) {
            made[output.name].assign(static_cast<std::size_t>(shapes[static_cast<std::size_t>(output.step)].count()),
                                     -1);
            results[output.name] = made[output.name];
        }
        const std::vector<float> picture(3 * 64 * 64, 0.5F);
        engine.run({1, 64, 64}, picture, results);
        for (const auto& [name, values] : made)
            for (const float value : values) ASSERT_GE(value, 0) << entry.name << " " << name;
    }
}

TEST(FeatureNetwork, SqueezeNet10WithItsPublishedWeightsSeesWhatCaffesLayersSee) {
    const std::filesystem::path file =
        std::filesystem::path(AFFECTSR_SOURCE_DIR) / "../shared/weights/squeezenet10/squeezenet10.converted.pth";
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "no published weights in ../shared/weights";
    constexpr int kPx = 227;
    const Plan plan = features("squeezenet10", kPx);
    TensorMap weights = read_published(file).tensors;
    std::erase_if(weights, [](const auto& named) { return named.first.starts_with("conv_final"); });
    const PlanEngine engine(plan, adopt(plan, weights, file.string()), Precision::f32);
    // The input of the figures, as the network is fed: blue, green, red without their means, −120…120.
    constexpr std::array kMeans{104.0, 117.0, 123.0};
    std::vector<float> picture(3 * kPx * kPx);
    for (int c = 0; c < 3; ++c) {
        for (int y = 0; y < kPx; ++y) {
            for (int x = 0; x < kPx; ++x) {
                const double fed = -120 + 240 * (0.5 + 0.5 * std::sin(0.05 * y + 0.03 * x * (c + 1)));
                picture[static_cast<std::size_t>(((2 - c) * kPx + y) * kPx + x)] =
                    static_cast<float>((fed + kMeans[static_cast<std::size_t>(c)]) / 255);
            }
        }
    }
    std::vector<float> conv1(96 * 111 * 111), fire4(256 * 55 * 55), fire8(512 * 27 * 27), fire9(512 * 13 * 13);
    engine.run({1, kPx, kPx}, picture, {{"conv1", conv1}, {"fire4", fire4}, {"fire8", fire8}, {"fire9", fire9}});
    // Sums and first values by an independent implementation in PyTorch.
    EXPECT_NEAR(std::accumulate(conv1.begin(), conv1.end(), 0.0) / 34883184.87, 1, 1e-4);
    EXPECT_NEAR(std::accumulate(fire4.begin(), fire4.end(), 0.0) / 126901880.78, 1, 1e-4);
    EXPECT_NEAR(static_cast<double>(conv1[9]), 11.7856, 0.01);
    EXPECT_NEAR(static_cast<double>(fire4[0]), 345.8766, 0.1);
    EXPECT_NEAR(static_cast<double>(fire4[256 * 55 * 55 - 1]), 371.96, 0.1);
}

}  // namespace
}  // namespace affectsr
