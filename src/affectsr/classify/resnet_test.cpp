#include "affectsr/classify/resnet.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "affectsr/classify/imagenet.h"
#include "affectsr/learn/test_parity.h"

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
    const Resnet18 small({32, 8});
    const TensorMap state = state_of(small);
    for (const char* name : {"conv1.weight", "bn1.running_var", "layer1.0.conv1.weight", "layer2.0.downsample.0.weight",
                             "layer2.0.downsample.1.num_batches_tracked", "layer4.1.bn2.bias", "fc.weight", "fc.bias"})
        EXPECT_TRUE(state.contains(name)) << name;
    EXPECT_FALSE(state.contains("layer1.0.downsample.0.weight")) << "the first stage keeps its shape";
    EXPECT_EQ(state.size(), 122u);
    EXPECT_TRUE(state_of(Resnet50({32, 8})).contains("layer1.0.downsample.0.weight"));
    EXPECT_EQ(state_of(Resnet50({32, 8})).size(), 320u);
}

TEST(Resnet, SeesImagenetsColours) {
    const Tensor mean = torch::tensor({0.485f, 0.456f, 0.406f}).view({1, 3, 1, 1}).expand({1, 3, 2, 2});
    EXPECT_LT(imagenet_normalised(mean).abs().max().item<double>(), 1e-6);
    const Tensor one_deviation = mean + torch::tensor({0.229f, 0.224f, 0.225f}).view({1, 3, 1, 1});
    EXPECT_NEAR(imagenet_normalised(one_deviation).min().item<double>(), 1, 1e-5);

    Resnet18 network({32, 8});
    network.eval();
    const torch::NoGradGuard no_grad;
    const Tensor faces = torch::rand({2, 3, 32, 32});
    const Tensor logits = network.logits(faces).at("expression");
    EXPECT_EQ(logits.sizes().vec(), (std::vector<std::int64_t>{2, 7}));
    EXPECT_TRUE(torch::equal(logits, network.forward(imagenet_normalised(faces))));
}

TEST(Resnet, BothPlayersAgree) {
    for (const int depth : {18, 50})
        for (const Precision precision : {Precision::f32, Precision::bf16})
            expect_parity(resnet_plan(depth, {32, 8}), {2, 40, 40}, precision, 5e-2);
}

}  // namespace
}  // namespace affectsr
