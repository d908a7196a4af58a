#include "affectsr/pipeline/route.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

FaceCrop crop_of(int side_px, double photo_px_per_pixel, float face_px) {
    FaceCrop crop;
    crop.pixels = Image(side_px, side_px, 100);
    for (int x = 0; x < side_px; ++x) crop.pixels.pixel(x, x)[1] = 255;
    crop.photo_from_crop.a = photo_px_per_pixel;
    crop.face_in_photo_px = face_px;
    return crop;
}

TEST(Route, FollowsFromTheSizeOfTheFace) {
    EXPECT_EQ(route_of(crop_of(48, 6, 290), 48, 8, false).road, Road::direct);
    EXPECT_EQ(route_of(crop_of(48, 1, 47), 48, 8, false).road, Road::direct);
    EXPECT_EQ(route_of(crop_of(47, 1, 46), 48, 8, false).road, Road::enlarged);
    EXPECT_EQ(route_of(crop_of(8, 1, 8), 48, 8, false).road, Road::enlarged);
    EXPECT_EQ(route_of(crop_of(8, 1, 7.9F), 48, 8, false).road, Road::undetermined);
}

TEST(Route, EachRoadHasAReason) {
    EXPECT_EQ(route_of(crop_of(60, 1, 58), 48, 8, false).reason, "large_enough");
    EXPECT_EQ(route_of(crop_of(20, 1, 19), 48, 8, false).reason, "small");
    EXPECT_EQ(route_of(crop_of(5, 1, 5), 48, 8, false).reason, "too_small");
}

TEST(Route, ASmallFaceDoesNotGrowByBeingCutLarge) {
    const FaceCrop crop = crop_of(64, 0.25, 15);  // 16 pixels of the photo, spread over 64
    EXPECT_DOUBLE_EQ(native_px(crop), 16);
    EXPECT_EQ(route_of(crop, 48, 8, false).road, Road::enlarged);
}

TEST(Route, ACropWithoutAKnownBoxIsAsLargeAsItself) {
    EXPECT_EQ(route_of(crop_of(7, 1, 0), 48, 8, false).reason, "too_small");
    EXPECT_EQ(route_of(crop_of(9, 1, 0), 48, 8, false).road, Road::enlarged);
    EXPECT_EQ(route_of(crop_of(48, 3, 0), 48, 8, false).road, Road::direct);
}

TEST(Route, NothingToSeeIsConstantWhateverItsColour) {
    FaceCrop crop = crop_of(30, 1, 29);
    crop.pixels = Image(30, 30, 200);
    EXPECT_EQ(route_of(crop, 48, 8, false).reason, "constant");
    for (std::size_t i = 0; i < crop.pixels.rgb.size(); ++i)
        crop.pixels.rgb[i] = static_cast<std::uint8_t>(200 + i % 3);
    EXPECT_EQ(route_of(crop, 48, 8, false).reason, "constant") << "the noise of a codec is nothing to see";
}

TEST(Route, RoadsHaveNames) {
    EXPECT_STREQ(name_of(Road::direct), "direct");
    EXPECT_STREQ(name_of(Road::enlarged), "enlarged");
    EXPECT_STREQ(name_of(Road::undetermined), "undetermined");
}

TEST(Route, OnlyWhatADetectorFoundCanBeADrawing) {
    FaceCrop crop = crop_of(30, 1, 29);  // one sharp line on one colour
    EXPECT_EQ(route_of(crop, 48, 8, true).reason, "not_a_face");
    EXPECT_EQ(route_of(crop, 48, 8, false).reason, "small");
}

TEST(Route, AFaceTurnedByMoreThanSixtyDegreesIsUndetermined) {
    for (const double degrees : {0.0, 59.0, -59.0, 61.0, -61.0, 90.0, 180.0}) {
        FaceCrop crop = crop_of(30, 1, 29);
        const float x = static_cast<float>(std::cos(degrees * 3.14159265358979 / 180));
        const float y = static_cast<float>(std::sin(degrees * 3.14159265358979 / 180));
        crop.landmarks_in_crop = {{10, 10}, {10 + 9 * x, 10 + 9 * y}, {15, 15}, {11, 20}, {19, 20}};
        EXPECT_EQ(route_of(crop, 48, 8, false).reason, std::abs(degrees) > 60 ? "turned" : "small") << degrees;
    }
}

}  // namespace
}  // namespace affectsr
