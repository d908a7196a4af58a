#include "affectsr/classify/vgg.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

const VggOptions kSmall{32, 4, 16};

TEST(Vgg, HasTorchvisionsParameters) {
    EXPECT_EQ(vgg_plan(16, {}).parameter_count(), 134'289'223);
    EXPECT_EQ(vgg_plan(19, {}).parameter_count(), 139'598'919);
}

TEST(Vgg, HasTorchvisionsNames) {
    const TensorMap state16 = first_weights(vgg_plan(16, kSmall), 1), state19 = first_weights(vgg_plan(19, kSmall), 1);
    EXPECT_EQ(state16.size(), 32u);
    EXPECT_EQ(state19.size(), 38u);
    for (const char* name : {"features.0.weight", "features.28.bias", "classifier.0.weight", "classifier.6.bias"})
        EXPECT_TRUE(state16.contains(name)) << name;
    EXPECT_TRUE(state19.contains("features.34.weight"));
    EXPECT_EQ(vgg16(kSmall).head_parameters("expression"),
              (std::vector<std::string>{"classifier.6.weight", "classifier.6.bias"}));
}

TEST(Vgg, GivesFeaturesOfEveryLayer) {
    Plan plan = vgg_plan(19, kSmall);
    plan.output_mark("features.1");   // ReLU of the first convolution
    plan.output_mark("features.34");  // the last convolution before its ReLU, ESRGAN's eye
    const PlanEngine engine(plan, first_weights(plan, 1), Precision::f32);
    std::vector<float> face(3 * 32 * 32), first(4 * 32 * 32), last(32 * 2 * 2), logits(7);
    for (std::size_t i = 0; i < face.size(); ++i) face[i] = static_cast<float>(i * 37 % 251) / 251;
    engine.run({1, 32, 32}, face, {{"features.1", first}, {"features.34", last}, {"expression", logits}});
    EXPECT_GE(*std::min_element(first.begin(), first.end()), 0);
    EXPECT_GT(*std::max_element(first.begin(), first.end()), 0);
    EXPECT_LT(*std::min_element(last.begin(), last.end()), 0);
    EXPECT_NE(logits, std::vector<float>(7));
}

}  // namespace
}  // namespace affectsr
