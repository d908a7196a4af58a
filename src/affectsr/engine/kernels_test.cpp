#include "affectsr/engine/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace affectsr::engine {
namespace {

std::vector<float> activated(const std::vector<float>& x, Activation activation) {
    std::vector<float> made(x.size());
    pointwise(made.data(), x.data(), static_cast<const float*>(nullptr), x.size(), {1, activation, 0.2F});
    return made;
}

TEST(Kernels, SigmoidAndSiluAreThoseOfTheLibrary) {
    std::vector<float> x;
    for (int i = -1200; i <= 1200; ++i) x.push_back(static_cast<float>(i) / 40);
    const std::vector<float> sigmoid = activated(x, Activation::sigmoid), silu = activated(x, Activation::silu);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double wanted = 1 / (1 + std::exp(-double{x[i]}));
        EXPECT_NEAR(double{sigmoid[i]} / wanted, 1, 5e-7) << x[i];
        EXPECT_NEAR(silu[i], double{x[i]} * wanted, 5e-7 * std::abs(double{x[i]})) << x[i];
    }
}

TEST(Kernels, ActivationsOfExtremesAreTheirLimits) {
    constexpr float kInfinite = std::numeric_limits<float>::infinity();
    const std::vector<float> x{-1e30F, 1e30F, kInfinite, std::numeric_limits<float>::quiet_NaN()};
    const std::vector<float> sigmoid = activated(x, Activation::sigmoid), silu = activated(x, Activation::silu);
    EXPECT_NEAR(sigmoid[0], 0, 1e-30);
    EXPECT_EQ(sigmoid[1], 1);
    EXPECT_EQ(sigmoid[2], 1);
    EXPECT_TRUE(std::isnan(sigmoid[3])) << "what is no number is not hidden";
    EXPECT_EQ(silu[1], 1e30F);
    EXPECT_TRUE(std::isnan(silu[3]));
}

TEST(Kernels, MomentsAreTakenAboutAnOrigin) {
    // Two channels of six pixels whose values lie close together and far from 0.
    std::vector<float> a;
    for (int p = 0; p < 6; ++p) a.insert(a.end(), {1e6F + static_cast<float>(p), -static_cast<float>(p)});
    const std::vector<float> origin{1e6F, 0};
    std::vector<float> sums(2), squares(2);
    add_moments(a.data(), 6, 2, origin.data(), sums.data(), squares.data());
    EXPECT_EQ(sums, (std::vector<float>{15, -15}));
    EXPECT_EQ(squares, (std::vector<float>{55, 55}));
}

}  // namespace
}  // namespace affectsr::engine
