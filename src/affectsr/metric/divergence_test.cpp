#include "affectsr/metric/divergence.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(Divergence, IsZeroForEqualAndOneBitForDisjointAnswers) {
    const std::vector<float> one{1, 0, 0}, other{0, 0.25F, 0.75F};
    EXPECT_EQ(jensen_shannon_bits(one, one), 0);
    EXPECT_NEAR(jensen_shannon_bits(one, other), 1, 1e-12);
}

TEST(Divergence, IsTheMeanDistanceFromTheMiddle) {
    const std::vector<float> p{0.5F, 0.5F}, q{1, 0};
    // The middle is (3/4, 1/4): ½ (½ log2(2/3) + ½ log2 2) + ½ log2(4/3).
    const double expected = 0.5 * (0.5 * std::log2(2.0 / 3) + 0.5) + 0.5 * std::log2(4.0 / 3);
    EXPECT_NEAR(jensen_shannon_bits(p, q), expected, 1e-12);
    EXPECT_EQ(jensen_shannon_bits(p, q), jensen_shannon_bits(q, p));
}

TEST(Divergence, WantsTheSameClasses) {
    const std::vector<float> two{0.5F, 0.5F}, three{1, 0, 0}, none;
    EXPECT_THROW(jensen_shannon_bits(two, three), Bug);
    EXPECT_THROW(jensen_shannon_bits(none, none), Bug);
}

}  // namespace
}  // namespace affectsr
