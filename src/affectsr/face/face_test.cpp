#include "affectsr/face/face.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(Face, TheSizeOfABoxIsItsShorterSide) {
    EXPECT_FLOAT_EQ((Box{3, 4, 20, 30}.size_px()), 20);
    EXPECT_FLOAT_EQ((Box{3, 4, 30, 12}.size_px()), 12);
}

TEST(Face, AQuarterTurnTakesRightToDown) {  // y grows downwards
    const Similarity turn{0, 1, 5, 7};
    const Point moved = turn.apply({2, 0, 3});
    EXPECT_FLOAT_EQ(moved.x, 5);
    EXPECT_FLOAT_EQ(moved.y, 9);
    EXPECT_FLOAT_EQ(moved.z, 3) << "depth scales with the picture but does not turn";
}

TEST(Face, TheScaleOfASimilarityIsTheLengthOfOneSourcePixel) {
    const double angle = std::numbers::pi / 6;
    EXPECT_DOUBLE_EQ((Similarity{2.5 * std::cos(angle), 2.5 * std::sin(angle), 9, 9}.scale()), 2.5);
}

TEST(Face, TheInverseLeadsBack) {
    const Similarity there{1.5, -0.7, 12, -30};
    const Point start{17, 4, 1}, back = there.inverse().apply(there.apply(start));
    EXPECT_NEAR(back.x, start.x, 1e-5);
    EXPECT_NEAR(back.y, start.y, 1e-5);
    EXPECT_NEAR(back.z, start.z, 1e-5);
}

TEST(Face, ASimilarityOfScaleZeroHasNoInverse) {
    EXPECT_THROW((Similarity{0, 0, 1, 2}.inverse()), Bug);
}

TEST(Face, ComposeAppliesTheFirstThenTheSecond) {
    const Similarity shift{1, 0, 10, 0}, turn{0, 1, 0, 0};
    const Point moved = compose(turn, shift).apply({1, 2});  // (11, 2) → (−2, 11)
    EXPECT_FLOAT_EQ(moved.x, -2);
    EXPECT_FLOAT_EQ(moved.y, 11);
}

}  // namespace
}  // namespace affectsr
