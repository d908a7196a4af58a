#include "affectsr/metric/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

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

TEST(Bootstrap, TheIntervalOfAMeanIsThatOfTheNormalApproximation) {
    std::vector<double> values;  // 0…999 in equal numbers: mean 499.5, deviation 288.7, 1.96 · 288.7 / √1000 = 17.9
    for (int i = 0; i < 1000; ++i) values.push_back(i);
    const Interval interval = bootstrap_mean(values, 1);
    EXPECT_NEAR(interval.low, 499.5 - 17.9, 2.5);
    EXPECT_NEAR(interval.high, 499.5 + 17.9, 2.5);
    EXPECT_EQ(bootstrap_mean(values, 1).low, interval.low) << "the same for the same seed";
    EXPECT_NE(bootstrap_mean(values, 2).low, interval.low);
}

TEST(Bootstrap, AMeanOfEqualNumbersIsCertain) {
    EXPECT_EQ(bootstrap_mean(std::vector<double>{2.5, 2.5, 2.5}, 1).low, 2.5);
    EXPECT_EQ(bootstrap_mean(std::vector<double>{2.5, 2.5, 2.5}, 1).high, 2.5);
    EXPECT_TRUE(std::isnan(bootstrap_mean({}, 1).low));
}

}  // namespace
}  // namespace affectsr
