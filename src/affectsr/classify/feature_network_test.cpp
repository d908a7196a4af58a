#include "affectsr/classify/feature_network.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace affectsr
