#include "affectsr/metric/kappa.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

ConfusionMatrix matrix_of(int both_yes, int yes_no, int no_yes, int both_no) {
    ConfusionMatrix matrix(2, 2);
    for (int i = 0; i < both_yes; ++i) matrix.add(0, 0);
    for (int i = 0; i < yes_no; ++i) matrix.add(0, 1);
    for (int i = 0; i < no_yes; ++i) matrix.add(1, 0);
    for (int i = 0; i < both_no; ++i) matrix.add(1, 1);
    return matrix;
}

TEST(Kappa, MatchesTheTextbookExample) {
    // Observed 35 / 50; expected (25 · 30 + 25 · 20) / 50² = 0.5.
    EXPECT_NEAR(kappa(matrix_of(20, 5, 10, 15)), (0.7 - 0.5) / 0.5, 1e-12);
}

TEST(Kappa, IsOneForPerfectAndZeroForChanceAgreement) {
    EXPECT_DOUBLE_EQ(kappa(matrix_of(3, 0, 0, 4)), 1);
    EXPECT_NEAR(kappa(matrix_of(1, 1, 1, 1)), 0, 1e-12);
}

TEST(Kappa, IsNotANumberWhereChanceAloneAgrees) {
    EXPECT_TRUE(std::isnan(kappa(matrix_of(5, 0, 0, 0))));
    EXPECT_TRUE(std::isnan(kappa(ConfusionMatrix(2, 2))));
}

}  // namespace
}  // namespace affectsr
