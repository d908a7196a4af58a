#include "affectsr/train/wgan_div.h"
#include "affectsr/learn/libtorch.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

/// D(x) = Σ w x, whose slope is w everywhere.
Critic linear(const at::Tensor& w) {
    return [w](const at::Tensor& x) { return (x * w).flatten(1).sum(1); };
}

TEST(WganDiv, OfALinearCriticThePenaltyIsAPowerOfItsWeights) {
    const at::Tensor w = torch::full({1, 1, 2, 2}, 0.5).requires_grad_(true);  // norm 1 over all, √½ over a column
    const at::Tensor x = torch::randn({3, 1, 2, 2});
    EXPECT_NEAR(slope_penalty(linear(w), x, {}).item<double>(), 1, 1e-6);
    WganDivOptions columns;
    columns.norm = "columns";
    EXPECT_NEAR(slope_penalty(linear(w), x, columns).item<double>(), std::pow(0.5, 3), 1e-6);
    slope_penalty(linear(w), x, {}).backward();
    EXPECT_NEAR(w.grad()[0][0][0][0].item<double>(), 6 * 0.5, 1e-5) << "p ‖w‖^(p−2) w";
}

TEST(WganDiv, ACriticWithoutSlopeHasAFiniteGradient) {
    const at::Tensor w = torch::zeros({1, 1, 2, 2}).requires_grad_(true);
    slope_penalty(linear(w), torch::randn({3, 1, 2, 2}), {}).backward();
    EXPECT_EQ(w.grad().abs().sum().item<double>(), 0);
}

TEST(WganDiv, TheCriticIsHighOnWhatIsGenerated) {
    const at::Tensor w = torch::full({1, 1, 1, 1}, 0.1);
    const at::Tensor real = torch::zeros({2, 1, 1, 1}), fake = torch::ones({2, 1, 1, 1});
    const at::Tensor alpha = torch::tensor({0.25F, 0.75F});
    EXPECT_TRUE(torch::equal(between(real, fake, alpha).view({2}), alpha));
    const CriticLoss loss = critic_loss(linear(w), real, fake, alpha, {}, {});
    EXPECT_NEAR(loss.distance.item<double>(), 0.1, 1e-6);
    EXPECT_NEAR(loss.loss.item<double>(), -0.1 + 2 * 1e-6, 1e-7);
    const at::Tensor weights = torch::tensor({1.5F, 0.5F});
    const at::Tensor uneven = torch::tensor({2.0F, 0.0F}).view({2, 1, 1, 1});
    EXPECT_NEAR(critic_loss(linear(w), real, uneven, alpha, weights, {}).loss.item<double>(), -0.15 + 2e-6, 1e-6);
}

}  // namespace
}  // namespace affectsr
