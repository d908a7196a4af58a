#include "affectsr/classify/resnet.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/classify/imagenet.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

TEST(Resnet, HasTorchvisionsParameters) {
    EXPECT_EQ(resnet_plan(18, {}).parameter_count(), 11'180'103);
    EXPECT_EQ(resnet_plan(50, {}).parameter_count(), 23'522'375);
}

TEST(Resnet, DoesThePublishedWork) {
    // He et al. 2016, table 1: 1.8 and 3.8 billion multiply-adds; the stride on the 3×3 makes the latter 4.1.
    EXPECT_NEAR(static_cast<double>(resnet_plan(18, {}).flops(224, 224)) / 2e9, 1.82, 0.01);
    EXPECT_NEAR(static_cast<double>(resnet_plan(50, {}).flops(224, 224)) / 2e9, 4.09, 0.01);
}

TEST(Resnet, HasTorchvisionsNames) {
    const TensorMap state = first_weights(resnet_plan(18, {32, 8}), 1);
    for (const char* name : {"conv1.weight", "bn1.running_var", "layer1.0.conv1.weight", "layer2.0.downsample.0.weight",
                             "layer2.0.downsample.1.num_batches_tracked", "layer4.1.bn2.bias", "fc.weight", "fc.bias"})
        EXPECT_TRUE(state.contains(name)) << name;
    EXPECT_FALSE(state.contains("layer1.0.downsample.0.weight")) << "the first stage keeps its shape";
    EXPECT_EQ(state.size(), 122u);
    const TensorMap deep = first_weights(resnet_plan(50, {32, 8}), 1);
    EXPECT_TRUE(deep.contains("layer1.0.downsample.0.weight"));
    EXPECT_EQ(deep.size(), 320u);
}

TEST(Resnet, NamesTheLayerThatGivesItsLogits) {
    EXPECT_EQ(resnet18({32, 8}).head_parameters("expression"), (std::vector<std::string>{"fc.weight", "fc.bias"}));
    EXPECT_THROW(resnet18({32, 8}).head_parameters("mood"), Bug);
}

TEST(Resnet, SeesImagenetsColours) {
    PlanBuilder p;
    const Plan plan = p.finish(p.max_pool(imagenet_normalised(p, p.input(3)), 1, 1));
    const PlanEngine engine(plan, {}, Precision::f32);
    std::vector<float> pixel(3);
    for (const float deviations : {0.0f, 1.0f, -2.0f}) {
        std::vector<float> colour;
        for (std::size_t c = 0; c < 3; ++c) colour.push_back(kImagenetMean[c] + deviations * kImagenetDeviation[c]);
        engine.run({1, 1, 1}, colour, {{"out", pixel}});
        for (const float value : pixel) EXPECT_NEAR(value, deviations, 1e-5);
    }
}

}  // namespace
}  // namespace affectsr
