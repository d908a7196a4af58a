#include "affectsr/train/losses.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(Losses, CrossEntropyOfADistributionAsByHand) {
    const Tensor logits = at::zeros({1, 2});
    const Tensor target = at::tensor({0.25f, 0.75f}).view({1, 2});
    EXPECT_NEAR(soft_cross_entropy(logits, target, 0).item<float>(), std::log(2.0), 1e-6);
    const Tensor sure = at::tensor({0.0f, 2.0f}).view({1, 2});
    const double expected = 0.25 * std::log(1 + std::exp(2.0)) + 0.75 * std::log(1 + std::exp(-2.0));
    EXPECT_NEAR(soft_cross_entropy(sure, target, 0).item<float>(), expected, 1e-6);
}

TEST(Losses, FacesWithoutATargetDoNotCount) {
    const Tensor logits = at::tensor({3.0f, 0.0f, 0.0f, 9.0f}).view({2, 2});
    const Tensor target = at::tensor({1.0f, 0.0f, 0.0f, 0.0f}).view({2, 2});
    EXPECT_NEAR(soft_cross_entropy(logits, target, 0).item<float>(), std::log(1 + std::exp(-3.0)), 1e-6);
    EXPECT_FLOAT_EQ(soft_cross_entropy(logits, at::zeros({2, 2}), 0).item<float>(), 0);
}

TEST(Losses, SmoothingSpreadsAShareOverAllClasses) {
    const Tensor logits = at::tensor({4.0f, 0.0f}).view({1, 2});
    const Tensor one = at::tensor({1.0f, 0.0f}).view({1, 2}), smooth = at::tensor({0.9f, 0.1f}).view({1, 2});
    EXPECT_NEAR(soft_cross_entropy(logits, one, 0.2).item<float>(), soft_cross_entropy(logits, smooth, 0).item<float>(),
                1e-6);
}

TEST(Losses, AreFoundByName) {
    EXPECT_EQ(find_loss("soft_cross_entropy"), &soft_cross_entropy);
    EXPECT_THROW(find_loss("hinge"), UsageError);
}

}  // namespace
}  // namespace affectsr
