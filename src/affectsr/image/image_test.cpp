#include "affectsr/image/image.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(Image, HoldsThreeBytesForEveryPixelOfOneLevel) {
    const Image image(4, 3, 7);
    EXPECT_EQ(image.rgb, std::vector<std::uint8_t>(36, 7));
    EXPECT_EQ(image.size(), (ImageSize{4, 3}));
    EXPECT_FALSE(image.empty());
    EXPECT_TRUE(Image().empty());
    EXPECT_TRUE(Image(0, 5).empty());
}

TEST(Image, RefusesNegativeSides) {
    EXPECT_THROW(Image(-1, 2), Bug);
    EXPECT_THROW(Image(2, -1), Bug);
}

TEST(Image, FindsAPixelByColumnAndRow) {
    Image image(4, 3);
    image.pixel(2, 1)[1] = 99;
    EXPECT_EQ(image.rgb[(1 * 4 + 2) * 3 + 1], 99);
}

TEST(Image, LumaWeighsTheColoursAsBt601Does) {
    Image image(4, 1);
    image.pixel(0, 0)[0] = 255;
    image.pixel(1, 0)[1] = 255;
    image.pixel(2, 0)[2] = 255;
    std::fill_n(image.pixel(3, 0), 3, std::uint8_t{255});
    const std::vector<float> grey = luma(image);
    ASSERT_EQ(grey.size(), 4u);
    EXPECT_NEAR(grey[0], 76.245f, 1e-4f);
    EXPECT_NEAR(grey[1], 149.685f, 1e-4f);
    EXPECT_NEAR(grey[2], 29.07f, 1e-4f);
    EXPECT_NEAR(grey[3], 255.0f, 1e-4f);
}

TEST(Image, PrewhiteningLeavesMeanZeroAndDeviationOne) {
    Image image(5, 4);
    std::iota(image.rgb.begin(), image.rgb.end(), std::uint8_t{30});
    double sum = 0, squares = 0;
    for (const double value : prewhiten(image)) sum += value, squares += value * value;
    EXPECT_NEAR(sum, 0, 1e-4);
    EXPECT_NEAR(squares / 60, 1, 1e-5);
}

TEST(Image, PrewhiteningAConstantPictureGivesZerosAndNoNaN) {
    for (const float value : prewhiten(Image(3, 3, 200))) EXPECT_EQ(value, 0.0f);
}

TEST(Image, PrewhiteningCountsTheDeviationAsAtLeastOneOverRootN) {
    Image image(100, 100, 50);
    image.rgb[0] = 51;  // deviation 1/sqrt(30000) · sqrt(1 − 1/30000), just below the least
    const float most = prewhiten(image)[0];
    EXPECT_NEAR(most, (1 - 1.0 / 30000) * std::sqrt(30000.0), 1e-3);
}

}  // namespace
}  // namespace affectsr
