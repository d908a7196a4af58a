#include "affectsr/metric/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

TEST(Bootstrap, TheIntervalIsThatOfTheNormalApproximation) {
    // 1.96 · sqrt(0.8 · 0.2 / 1000) = 0.0248.
    const Interval interval = bootstrap_share(800, 1000, 1);
    EXPECT_NEAR(interval.low, 0.8 - 0.0248, 0.004);
    EXPECT_NEAR(interval.high, 0.8 + 0.0248, 0.004);
}

TEST(Bootstrap, TheIntervalIsTheSameForTheSameSeed) {
    EXPECT_EQ(bootstrap_share(30, 70, 5).low, bootstrap_share(30, 70, 5).low);
    EXPECT_EQ(bootstrap_share(7, 7, 1).low, 1);
    EXPECT_EQ(bootstrap_share(0, 7, 1).high, 0);
    EXPECT_TRUE(std::isnan(bootstrap_share(0, 0, 1).low));
}

}  // namespace
}  // namespace affectsr
