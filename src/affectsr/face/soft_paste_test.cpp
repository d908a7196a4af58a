#include "affectsr/face/soft_paste.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

/// Where a crop of 64 px lies in a photo: half as large, turned by `angle`, its middle at (x, y).
Similarity crop_at(double x, double y, double angle) {
    const double a = 2 * std::cos(angle), b = 2 * std::sin(angle);
    return {a, b, 31.5 - (a * x - b * y), 31.5 - (b * x + a * y)};
}

TEST(SoftPaste, ACropShowsTheBorderColourOutsideThePhoto) {
    const Image crop = cut_for_restorer(Image(40, 40, 77), crop_at(0, 20, 0), 64);
    EXPECT_EQ(crop.pixel(60, 32)[1], 77);
    EXPECT_EQ(crop.pixel(4, 32)[0], 132);
    EXPECT_EQ(crop.pixel(4, 32)[1], 133);
    EXPECT_EQ(crop.pixel(4, 32)[2], 135);
}

TEST(SoftPaste, TheMiddleIsReplacedTheSurroundingsAreNotAndNothingSteps) {
    Image photo(120, 100, 40);
    const Similarity crop = crop_at(60, 50, 0);
    paste_back_soft(photo, Image(64, 64, 240), background_from_crop(crop, 1), 1);
    EXPECT_EQ(photo.pixel(60, 50)[0], 240);
    EXPECT_EQ(photo.pixel(60, 30)[0], 40) << "outside the crop's 32 px";
    EXPECT_EQ(photo.pixel(40, 50)[2], 40);
    for (int x = 40; x < 60; ++x) {
        EXPECT_LE(photo.pixel(x, 50)[0], photo.pixel(x + 1, 50)[0]);
        EXPECT_LE(photo.pixel(x + 1, 50)[0] - photo.pixel(x, 50)[0], 180);
    }
}

TEST(SoftPaste, AnEnlargedBackgroundTakesAnEnlargedFace) {
    const Similarity crop = crop_at(30, 25, 0.4);
    const Affine map = background_from_crop(crop, 3);
    const Point middle = map.apply({31.5F, 31.5F});
    EXPECT_NEAR(middle.x, 3 * 30 + 1.5, 1e-4) << "their rule: half of the enlargement further on";
    EXPECT_NEAR(middle.y, 3 * 25 + 1.5, 1e-4);
    Image background(180, 150, 10);
    paste_back_soft(background, Image(64, 64, 200), map, 3);
    EXPECT_EQ(background.pixel(91, 76)[0], 200);
    EXPECT_EQ(background.pixel(91, 10)[0], 10);
}

TEST(SoftPaste, FacesOverTheEdgeAndBeyondAreDrawnAsFarAsTheyGo) {
    Image photo(60, 60, 40);
    paste_back_soft(photo, Image(64, 64, 240), background_from_crop(crop_at(0, 0, 0.2), 1), 1);
    EXPECT_EQ(photo.pixel(1, 1)[0], 240) << "the edge of the photo is no edge of the face";
    EXPECT_EQ(photo.pixel(40, 40)[0], 40);
    const Image before = photo;
    paste_back_soft(photo, Image(64, 64, 240), background_from_crop(crop_at(500, -900, 0), 1), 1);
    EXPECT_EQ(photo, before);
    paste_back_soft(photo, Image(64, 64, 240), background_from_crop({1e-7, 0, 0, 0}, 1),
                    1);  // all of the photo, and far more
    EXPECT_EQ(photo.pixel(50, 50)[0], 240);
}

TEST(SoftPaste, OnlyTheFacesPartsAreReplacedWhereTheyAreGiven) {
    std::vector<float> left_half(64 * 64, 0.0F);
    for (int y = 0; y < 64; ++y)
        for (int x = 0; x < 32; ++x) left_half[static_cast<std::size_t>(y) * 64 + x] = 1;
    for (const PasteMask mask : {PasteMask::parts, PasteMask::both}) {
        Image photo(120, 100, 40);
        paste_back_soft(photo, Image(64, 64, 240), background_from_crop(crop_at(60, 50, 0), 1), 1, mask, left_half);
        EXPECT_EQ(photo.pixel(54, 50)[0], 240);
        EXPECT_EQ(photo.pixel(66, 50)[0], 40);
        EXPECT_EQ(photo.pixel(45, 50)[0] > 150, mask == PasteMask::parts) << "near the crop's edge";
    }
}

TEST(SoftPaste, PartsHaveSoftEdgesAndAClearRim) {
    std::vector<std::uint8_t> labels(200 * 200, 0);
    for (int y = 0; y < 200; ++y)
        for (int x = 0; x < 100; ++x) labels[static_cast<std::size_t>(y) * 200 + x] = y < 100 ? 1 : 17;
    const std::vector<float> parts = soft_parts(labels, 200);
    const auto at = [&](int x, int y) { return parts[static_cast<std::size_t>(y) * 200 + x]; };
    EXPECT_NEAR(at(40, 40), 1, 1e-3F) << "skin";
    EXPECT_NEAR(at(40, 160), 0, 1e-3F) << "hair";
    EXPECT_NEAR(at(99, 40), 0.5F, 0.05F) << "an edge";
    EXPECT_EQ(at(9, 40), 0) << "the rim";
    EXPECT_GT(at(10, 40), 0.9F);
}

TEST(SoftPaste, MemoryAndWorkFollowTheFaceNotThePhoto) {
    Image photo(4000, 3000, 40);
    paste_back_soft(photo, Image(64, 64, 240), background_from_crop(crop_at(2000, 1500, 0.1), 1), 1);
    EXPECT_EQ(photo.pixel(2000, 1500)[0], 240);
    EXPECT_EQ(photo.pixel(2030, 1500)[0], 40);
}

TEST(SoftPaste, PartsThatDoNotFitAreABug) {
    Image photo(60, 60);
    const Affine map = background_from_crop(crop_at(30, 30, 0), 1);
    EXPECT_THROW(paste_back_soft(photo, Image(64, 64), map, 1, PasteMask::parts), Bug);
    EXPECT_THROW(paste_back_soft(photo, Image(64, 64), map, 1, PasteMask::square, std::vector<float>(64 * 64)), Bug);
    EXPECT_THROW(paste_back_soft(photo, Image(), map, 1), Bug);
    EXPECT_THROW(background_from_crop({1, 0, 0, 0}, 0), Bug);
    EXPECT_THROW(soft_parts(std::vector<std::uint8_t>(5), 2), Bug);
}

}  // namespace
}  // namespace affectsr
