#include "affectsr/image/float_planes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(FloatPlanes, HoldEveryByteExactly) {
    Image picture(16, 16);
    for (std::size_t i = 0; i < picture.rgb.size(); ++i) picture.rgb[i] = static_cast<std::uint8_t>(i * 7);
    std::vector<float> planes(3 * 256);
    write_planes(picture, 3, planes);
    EXPECT_EQ(planes[0], static_cast<float>(picture.rgb[0]) / 255);
    EXPECT_EQ(planes[256 + 5], static_cast<float>(picture.rgb[16]) / 255) << "green comes after all of red";
    EXPECT_EQ(picture_of(planes, 3, {16, 16}), picture);
}

TEST(FloatPlanes, OfAPartRepeatItsLastRowAndColumn) {
    Image picture(5, 4);
    for (std::size_t i = 0; i < picture.rgb.size(); ++i) picture.rgb[i] = static_cast<std::uint8_t>(i);
    std::vector<float> planes(3 * 4 * 3, -1);
    write_part_planes(picture, 2, 1, {3, 2}, {4, 3}, planes);
    for (int c = 0; c < 3; ++c)
        for (int y = 0; y < 3; ++y)
            for (int x = 0; x < 4; ++x) {
                const int row = 1 + std::min(y, 1), column = 2 + std::min(x, 2);
                EXPECT_EQ(planes[static_cast<std::size_t>((c * 3 + y) * 4 + x)],
                          static_cast<float>(3 * (row * 5 + column) + c) / 255);
            }
    EXPECT_THROW(write_part_planes(picture, 3, 1, {3, 2}, {4, 3}, planes), Bug);
    EXPECT_THROW(write_part_planes(picture, 0, 0, {5, 3}, {4, 3}, planes), Bug);
    EXPECT_THROW(write_part_planes(picture, 2, 1, {3, 2}, {4, 4}, planes), Bug);
}

TEST(FloatPlanes, OfOneChannelAreLuma) {
    Image picture(2, 1);
    picture.rgb = {255, 0, 0, 0, 255, 0};
    std::vector<float> planes(2);
    write_planes(picture, 1, planes);
    EXPECT_NEAR(planes[0], 0.299, 1e-6);
    EXPECT_NEAR(planes[1], 0.587, 1e-6);
    EXPECT_EQ(picture_of(planes, 1, {2, 1}).rgb, (std::vector<std::uint8_t>{76, 76, 76, 150, 150, 150}));
}

TEST(FloatPlanes, AreClampedAndRounded) {
    const std::vector<float> planes{-1,       2,        0.5f / 255 + 1e-4f, std::numeric_limits<float>::quiet_NaN(),
                                    INFINITY, -INFINITY};
    const Image picture = picture_of(planes, 1, {6, 1});
    const std::vector<int> want{0, 255, 1, 0, 255, 0};
    for (std::size_t i = 0; i < want.size(); ++i) EXPECT_EQ(int{picture.rgb[3 * i]}, want[i]) << i;
}

TEST(FloatPlanes, OfAnotherSizeAreABug) {
    std::vector<float> planes(11);
    EXPECT_THROW(write_planes(Image(2, 2), 3, planes), Bug);
    EXPECT_THROW(write_planes(Image(), 3, {}), Bug);
    EXPECT_THROW(picture_of(planes, 3, {2, 2}), Bug);
    EXPECT_THROW(picture_of(planes, 11, {1, 1}), Bug);
}

}  // namespace
}  // namespace affectsr
