#include "affectsr/train/sharpness.h"
#include "affectsr/learn/libtorch.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

TEST(Sharpness, ClimbsAsFarAsItIsToldAndComesBack) {
    Tensor a = torch::tensor({1.0, 2.0}, torch::kDouble).requires_grad_(true);
    Tensor b = torch::tensor({-1.0}, torch::kDouble).requires_grad_(true);
    const Tensor unused = torch::ones({1}, torch::kDouble).requires_grad_(true);
    (a.square().sum() + 3 * b.sum()).backward();  // gradients 2, 4 and 3
    const Tensor before = a.detach().clone();
    Climb climb({a, b, unused}, 0.5, /*adaptive=*/false);
    EXPECT_NEAR(climb.gradient_norm(), std::sqrt(4.0 + 16 + 9), 1e-12);
    EXPECT_NEAR((a.detach() - before).square().sum().item<double>() + std::pow(b.item<double>() + 1, 2), 0.25, 1e-9);
    climb.descend();
    EXPECT_TRUE(torch::equal(a.detach(), before));
    EXPECT_EQ(b.item<double>(), -1);
}

// Weights that are n times as large are moved n times as far.
TEST(Sharpness, AdaptivelyMovesLargeWeightsFarther) {
    Tensor a = torch::tensor({1.0, 10.0}, torch::kDouble).requires_grad_(true);
    a.sum().backward();
    const Climb climb({a}, 0.1, /*adaptive=*/true);
    EXPECT_NEAR((a[1].item<double>() - 10) / (a[0].item<double>() - 1), 100, 1e-9);
}

TEST(Sharpness, WithoutGradientsThereIsNoSlope) {
    Tensor a = torch::ones({2}).requires_grad_(true);
    Climb climb({a}, 0.1, false);
    EXPECT_EQ(climb.gradient_norm(), 0);
    climb.descend();
    EXPECT_TRUE(torch::equal(a.detach(), torch::ones({2})));
}

}  // namespace
}  // namespace affectsr
