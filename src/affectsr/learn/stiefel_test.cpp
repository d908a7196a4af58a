#include "affectsr/learn/stiefel.h"
#include "affectsr/learn/libtorch.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

double orthonormality_error(const Tensor& w) {
    return (torch::matmul(w.t(), w) - torch::eye(w.size(1), w.options())).abs().max().item<double>();
}

class StiefelTest : public ::testing::Test {
 protected:
    void SetUp() override {
        torch::manual_seed(2);
        weight_ = std::get<0>(torch::linalg_qr(torch::randn({9, 4}, torch::kDouble)));
        gradient_ = torch::randn({9, 4}, torch::kDouble);
    }
    Tensor weight_, gradient_;
};

TEST_F(StiefelTest, AGradientLosesWhatWouldLeaveTheManifold) {
    const Tensor inner = torch::matmul(weight_.t(), stiefel_gradient(weight_, gradient_));
    EXPECT_LT((inner + inner.t()).abs().max().item<double>(), 1e-12) << "columns would change lengths or angles";
    const Tensor tangent = stiefel_gradient(weight_, gradient_);
    EXPECT_TRUE(torch::allclose(stiefel_gradient(weight_, tangent), tangent)) << "what is tangent stays";
}

TEST_F(StiefelTest, AStepKeepsColumnsOrthonormalAndNearby) {
    const Tensor next = stiefel_step(weight_, gradient_, 0.3);
    EXPECT_LT(orthonormality_error(next), 1e-12);
    EXPECT_TRUE(torch::allclose(stiefel_step(weight_, gradient_, 0), weight_)) << "no column changes its sign";
    const Tensor little = (weight_ - stiefel_step(weight_, gradient_, 1e-6)) / 1e-6;
    EXPECT_TRUE(torch::allclose(little, stiefel_gradient(weight_, gradient_), 0, 1e-4))
        << "a small one is the gradient";
}

TEST_F(StiefelTest, StepsGoDownhill) {
    const Tensor target = std::get<0>(torch::linalg_qr(torch::randn({9, 4}, torch::kDouble)));
    Tensor w = weight_.to(torch::kFloat);
    const auto loss = [&target](const Tensor& at) { return (at - target.to(torch::kFloat)).square().sum(); };
    const float first = loss(w).item<float>();
    for (int i = 0; i < 50; ++i) w = stiefel_step(w, 2 * (w - target.to(torch::kFloat)), 0.05);
    EXPECT_LT(loss(w).item<float>(), first);
    EXPECT_LT(orthonormality_error(w), 1e-6);
}

}  // namespace
}  // namespace affectsr
