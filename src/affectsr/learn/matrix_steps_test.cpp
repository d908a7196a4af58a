#include "affectsr/learn/matrix_steps.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/libtorch.h"

namespace affectsr {
namespace {

/// [1, 1, c, c] with these eigenvalues.
Tensor matrix_of(const std::vector<double>& eigenvalues) {
    torch::manual_seed(6);
    const auto side = static_cast<std::int64_t>(eigenvalues.size());
    const Tensor q = std::get<0>(torch::linalg_qr(torch::randn({side, side}, torch::kDouble)));
    return torch::matmul(q * torch::tensor(eigenvalues, torch::kDouble), q.t()).view({1, 1, side, side});
}

/// The largest difference between the gradient of Σ P · f(X) and the central differences of it.
double gradient_error(const std::vector<double>& eigenvalues, const step::MapEigenvalues& map, double step) {
    const Tensor x = matrix_of(eigenvalues).requires_grad_(true), p = torch::randn(x.sizes(), torch::kDouble);
    (mapped_eigenvalues(x, map) * p).sum().backward();
    const torch::NoGradGuard no_grad;
    Tensor differences = torch::zeros_like(x);
    for (std::int64_t i = 0; i < x.size(2); ++i)
        for (std::int64_t j = 0; j < x.size(3); ++j) {
            Tensor moved = torch::zeros_like(x);
            moved[0][0][i][j] = step;
            const auto loss = [&](const Tensor& at) { return (mapped_eigenvalues(at, map) * p).sum().item<double>(); };
            differences[0][0][i][j] = (loss(x + moved) - loss(x - moved)) / (2 * step);
        }
    return (x.grad() - differences).abs().max().item<double>();
}

TEST(MatrixSteps, TheCovarianceIsThatOfPositionsWithARidge) {
    const Tensor x = torch::tensor({1.f, 2.f, 6.f, /* second channel */ 0.f, 4.f, 2.f}).view({1, 2, 1, 3});
    // Centred: (−2, −1, 3) and (−2, 2, 0): products 14, 2, 8 over 2, trace 11.
    const Tensor wanted = torch::tensor({7 + 1.1f, 1.f, 1.f, 4 + 1.1f}).view({1, 1, 2, 2});
    EXPECT_TRUE(torch::allclose(covariance(x, 0.1), wanted)) << covariance(x, 0.1);
}

TEST(MatrixSteps, EigenvaluesAreClippedAndTheirLogarithmTaken) {
    const Tensor x = matrix_of({1e-6, 0.5, 3, 100});
    const auto [values, vectors] = torch::linalg_eigh(x[0][0], "L");
    for (const bool logarithm : {false, true}) {
        const Tensor clipped = values.clamp(1e-3, 10), f = logarithm ? clipped.log() : clipped;
        EXPECT_TRUE(torch::allclose(mapped_eigenvalues(x, {1e-3, 10, logarithm})[0][0],
                                    torch::matmul(vectors * f, vectors.t()), 1e-10, 1e-12));
    }
}

TEST(MatrixSteps, TheGradientIsRightForDistinctEigenvalues) {
    EXPECT_LT(gradient_error({0.1, 0.7, 2, 5, 9}, {1e-4, 1e4, true}, 1e-6), 1e-7);
}

TEST(MatrixSteps, TheGradientIsRightForEqualAndClippedEigenvalues) {
    const step::MapEigenvalues log{0.01, 10, true}, clip{0.01, 10, false};
    EXPECT_LT(gradient_error({0.5, 0.5, 0.5, 2, 3}, log, 1e-6), 1e-7);
    EXPECT_LT(gradient_error({1e-4, 2e-4, 0.5, 0.5, 20}, log, 1e-6), 1e-7);
    EXPECT_LT(gradient_error({1e-4, 1e-4, 0.5, 20, 20}, clip, 1e-6), 1e-7);
}

TEST(MatrixSteps, TheGradientIsRightForEigenvaluesThatAreNearlyEqual) {
    for (const double apart : {1e-4, 2e-5, 5e-6, 1e-8, 1e-12})
        EXPECT_LT(gradient_error({0.5, 0.5 * (1 + apart), 2, 3}, {0.01, 10, true}, 1e-6), 1e-6) << apart;
}

TEST(MatrixSteps, NothingIsLearnedFromWhatIsClippedThroughout) {
    const Tensor x = matrix_of({1e-6, 1e-5, 1e-5}).requires_grad_(true);
    (mapped_eigenvalues(x, {1e-3, 10, true}) * torch::randn({3, 3}, torch::kDouble)).sum().backward();
    EXPECT_EQ(x.grad().abs().max().item<double>(), 0);
}

TEST(MatrixSteps, AMatrixThatIsNotFiniteGivesNoNumbersAndSpoilsNoOther) {
    Tensor x = matrix_of({1, 2, 3}).repeat({2, 1, 1, 1});
    x[0][0][1][2] = std::nan("");
    const Tensor made = mapped_eigenvalues(x, {0.5, 10, true});
    EXPECT_TRUE(made[0].isnan().all().item<bool>());
    EXPECT_TRUE(made[1].isfinite().all().item<bool>());
}

TEST(MatrixSteps, AreNotRoundedToBfloat16ByAutocast) {
    torch::manual_seed(1);
    const Tensor x = torch::rand({2, 6, 3, 4}), w = torch::rand({6, 4});
    const Tensor covariances = covariance(x, 1e-4), smaller = congruence(covariances, w);
    const Autocast autocast(true);
    EXPECT_TRUE(torch::equal(covariance(x, 1e-4), covariances));
    EXPECT_TRUE(torch::equal(congruence(covariances, w), smaller));
    EXPECT_EQ(covariance(x.to(torch::kBFloat16), 1e-4).scalar_type(), torch::kFloat);
}

TEST(MatrixSteps, HaveNoGradientOfAGradient) {
    const Tensor x = matrix_of({1, 2, 3}).requires_grad_(true);
    const Tensor y = mapped_eigenvalues(x, {0.5, 10, true}).sum();
    EXPECT_THROW(torch::autograd::grad({y}, {x}, {}, true, true), UsageError);
}

}  // namespace
}  // namespace affectsr
