#include "affectsr/experiment/rank_correlation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(RankCorrelation, OnlyTheOrderCounts) {
    EXPECT_DOUBLE_EQ(rank_correlation({1, 2, 3, 100}, {0.1, 0.2, 0.21, 0.22}), 1);
    EXPECT_DOUBLE_EQ(rank_correlation({1, 2, 3}, {9, 5, -7}), -1);
    // 1 − 6 · Σd² / (n (n² − 1)) with d = 0, 1, 1, 0.
    EXPECT_NEAR(rank_correlation({1, 2, 3, 4}, {1, 3, 2, 4}), 0.8, 1e-12);
}

TEST(RankCorrelation, EqualNumbersShareTheirRank) {
    EXPECT_NEAR(rank_correlation({1, 1, 2}, {1, 2, 3}), std::sqrt(3) / 2, 1e-12);
    EXPECT_TRUE(std::isnan(rank_correlation({1, 1, 1}, {1, 2, 3})));
    EXPECT_TRUE(std::isnan(rank_correlation({}, {})));
    EXPECT_THROW(rank_correlation({1}, {}), Bug);
}

}  // namespace
}  // namespace affectsr
