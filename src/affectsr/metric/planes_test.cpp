#include "affectsr/metric/planes.h"

#include <gtest/gtest.h>

#include "affectsr/base/test_folder.h"

namespace affectsr {
namespace {

/// Black but for one pixel.
Image one_pixel(int width, int height, int x, int y, int red, int green, int blue) {
    Image image(width, height);
    std::uint8_t* const p = image.pixel(x, y);
    p[0] = static_cast<std::uint8_t>(red);
    p[1] = static_cast<std::uint8_t>(green);
    p[2] = static_cast<std::uint8_t>(blue);
    return image;
}

TEST(Planes, YIsStudioRange) {
    const auto y = [](int red, int green, int blue, const std::string& channels) {
        return compared_planes(one_pixel(1, 1, 0, 0, red, green, blue), {channels, 0}).at(0).values.at(0);
    };
    EXPECT_DOUBLE_EQ(y(0, 0, 0, "y"), 16);
    EXPECT_DOUBLE_EQ(y(255, 255, 255, "y"), 235);
    EXPECT_DOUBLE_EQ(y(255, 0, 0, "y"), 81.481);
    EXPECT_DOUBLE_EQ(y(0, 0, 255, "y"), 40.966);
    EXPECT_DOUBLE_EQ(y(0, 255, 0, "y_truncated"), 144) << "144.553 is cut down, not rounded";
}

TEST(Planes, RgbAreThreeOfThePicturesOwnNumbers) {
    const auto planes = compared_planes(one_pixel(3, 2, 2, 1, 10, 20, 30), {"rgb", 0});
    ASSERT_EQ(planes.size(), 3u);
    for (std::size_t c = 0; c < 3; ++c) {
        EXPECT_EQ(planes[c].width, 3);
        EXPECT_EQ(planes[c].height, 2);
        EXPECT_EQ(planes[c].values, (std::vector<double>{0, 0, 0, 0, 0, 10.0 * static_cast<double>(c + 1)}));
    }
}

TEST(Planes, LeaveOutTheBorderOnEverySide) {
    for (const auto& [x, y] : {std::pair(0, 2), std::pair(4, 2), std::pair(2, 0), std::pair(2, 3)}) {
        const Plane plane = compared_planes(one_pixel(5, 4, x, y, 255, 255, 255), {"rgb", 1}).at(0);
        EXPECT_EQ(plane.width, 3);
        EXPECT_EQ(plane.height, 2);
        EXPECT_EQ(plane.values, std::vector<double>(6, 0.0)) << x << ", " << y;
    }
    EXPECT_EQ(compared_planes(one_pixel(3, 3, 1, 1, 7, 7, 7), {"rgb", 1}).at(0).values, std::vector<double>{7});
}

TEST(Planes, RefuseWhatLeavesNothingToCompare) {
    const Image picture = one_pixel(4, 9, 0, 0, 1, 1, 1);
    EXPECT_EQ(refusal([&] {
                  compared_planes(picture, {"y", 2});
              }),
              "too_small: a picture of 4 × 9 px has nothing left inside a border of 2 px; set border_px lower");
    EXPECT_NE(refusal([&] {
                  compared_planes(picture, {"hsv", 0});
              }).find("must be one of y, rgb, y_truncated"),
              std::string::npos);
    EXPECT_EQ(refusal([&] { expect_same_size(picture, Image(9, 4)); }),
              "size_mismatch: pictures of 4 × 9 and 9 × 4 px cannot be compared; both must have one size");
    EXPECT_EQ(refusal([&] { expect_same_size(picture, picture); }), "");
}

}  // namespace
}  // namespace affectsr
