#include "affectsr/face/affine.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

const std::vector<float> kPlane{0,  10, 20, 30,  //
                                40, 50, 60, 70};
constexpr ImageSize kSize{4, 2};

TEST(Affine, TheInverseLeadsBack) {
    const Affine there({0.9, 0.15, -3.2, -0.12, 0.95, 6.4});
    const Point back = there.inverse().apply(there.apply({17, 5}));
    EXPECT_NEAR(back.x, 17, 1e-5);
    EXPECT_NEAR(back.y, 5, 1e-5);
    EXPECT_THROW(Affine({1, 2, 0, 2, 4, 0}).inverse(), Bug);
}

TEST(Affine, ASimilarityIsAnAffineMap) {
    const Similarity similarity{0.5, 0.3, 4, 5};
    const Point expected = similarity.apply({3, 7}), got = Affine(similarity).apply({3, 7});
    EXPECT_FLOAT_EQ(got.x, expected.x);
    EXPECT_FLOAT_EQ(got.y, expected.y);
}

TEST(Affine, AShiftByWholePixelsBringsBlackFromOutside) {
    const Affine shift({1, 0, 1, 0, 1, 0});
    const std::vector<float> expected{0, 0, 10, 20, 0, 40, 50, 60};
    EXPECT_EQ(warp_plane(kPlane, kSize, shift, kSize, BilinearRule::exact), expected);
    EXPECT_EQ(warp_plane(kPlane, kSize, shift, kSize, BilinearRule::opencv), expected);
}

TEST(Affine, BetweenPixelsItIsTheirWeightedMean) {
    // Half a pixel down and a quarter right: 0.5 · (row 0 + row 1), then a quarter of the next.
    const Affine shift({1, 0, -0.25, 0, 1, -0.5});
    const std::vector<float> exact = warp_plane(kPlane, kSize, shift, {1, 1}, BilinearRule::exact);
    EXPECT_FLOAT_EQ(exact[0], 22.5F);
    EXPECT_FLOAT_EQ(warp_plane(kPlane, kSize, shift, {1, 1}, BilinearRule::opencv)[0], 23) << "whole values";
}

TEST(Affine, OpencvsRuleRoundsPositionsToAThirtySecondOfAPixel) {
    const std::vector<float> step{0, 255};
    const auto at = [&](double x) {
        return warp_plane(step, {2, 1}, Affine({1, 0, -x, 0, 1, 0}), {1, 1}, BilinearRule::opencv)[0];
    };
    EXPECT_FLOAT_EQ(at(1.0 / 32), 8);  // 255 / 32
    EXPECT_FLOAT_EQ(at(1.4 / 32), 8);
    EXPECT_FLOAT_EQ(at(1.6 / 32), 16);  // 2 · 255 / 32
}

TEST(Affine, FarOutsideIsBlack) {
    const Affine away({1, 0, 1e12, 0, 1, -1e12});
    EXPECT_EQ(warp_plane(kPlane, kSize, away, {1, 1}, BilinearRule::exact)[0], 0);
    EXPECT_EQ(warp_plane(kPlane, kSize, away, {1, 1}, BilinearRule::opencv)[0], 0);
    EXPECT_THROW(warp_plane(kPlane, {3, 3}, Affine(), kSize, BilinearRule::exact), Bug);
}

}  // namespace
}  // namespace affectsr
