#include "affectsr/classify/vgg.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "affectsr/learn/test_parity.h"

namespace affectsr {
namespace {

const VggOptions kSmall{32, 4, 16};

TEST(Vgg, HasTorchvisionsParameters) {
    EXPECT_EQ(vgg_plan(16, {}).parameter_count(), 134'289'223);
    EXPECT_EQ(vgg_plan(19, {}).parameter_count(), 139'598'919);
}

TEST(Vgg, HasTorchvisionsNames) {
    const TensorMap state16 = state_of(Vgg16(kSmall)), state19 = state_of(Vgg19(kSmall));
    EXPECT_EQ(state16.size(), 32u);
    EXPECT_EQ(state19.size(), 38u);
    for (const char* name : {"features.0.weight", "features.28.bias", "classifier.0.weight", "classifier.6.bias"})
        EXPECT_TRUE(state16.contains(name)) << name;
    EXPECT_TRUE(state19.contains("features.34.weight"));
}

TEST(Vgg, GivesFeaturesOfEveryLayer) {
    Plan plan = vgg_plan(19, kSmall);
    plan.output_mark("features.1");   // ReLU of the first convolution
    plan.output_mark("features.34");  // the last convolution before its ReLU, ESRGAN's eye
    PlanModule module(plan);
    module.eval();
    const torch::NoGradGuard no_grad;
    const auto values = module.play(torch::rand({1, 3, 32, 32}));
    EXPECT_EQ(values.at("features.1").sizes().vec(), (std::vector<std::int64_t>{1, 4, 32, 32}));
    EXPECT_GE(values.at("features.1").min().item<double>(), 0);
    EXPECT_EQ(values.at("features.34").sizes().vec(), (std::vector<std::int64_t>{1, 32, 2, 2}));
    EXPECT_LT(values.at("features.34").min().item<double>(), 0);
    EXPECT_EQ(values.at("out").sizes().vec(), (std::vector<std::int64_t>{1, 7}));
}

TEST(Vgg, DropsFeaturesOnlyInTraining) {
    Vgg16 network(kSmall);
    const torch::NoGradGuard no_grad;
    const Tensor faces = torch::rand({4, 3, 32, 32});
    const auto logits = [&] { return network.logits(faces).at("expression"); };
    network.train();
    EXPECT_FALSE(torch::equal(logits(), logits()));
    network.eval();
    EXPECT_TRUE(torch::equal(logits(), logits()));
}

TEST(Vgg, BothPlayersAgree) {
    for (const int depth : {16, 19})
        for (const Precision precision : {Precision::f32, Precision::bf16})
            expect_parity(vgg_plan(depth, kSmall), {2, 64, 64}, precision, 5e-2);
}

}  // namespace
}  // namespace affectsr
