#include "affectsr/train/face_framing.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"

namespace affectsr {
namespace {

/// Where the template's points lie in a picture whose crop is a square of `side` from (left, top) on.
Landmarks points_at(double left, double top, double side) {
    Landmarks points;
    for (const Point& at : kCropTemplate)
        points.push_back({static_cast<float>(left + side * double{at.x} - 0.5),
                          static_cast<float>(top + side * double{at.y} - 0.5)});
    return points;
}

/// Columns grow brighter to the right, rows greener downwards.
Image slope(int width, int height) {
    Image picture(width, height);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            picture.pixel(x, y)[0] = static_cast<std::uint8_t>(2 * x);
            picture.pixel(x, y)[1] = static_cast<std::uint8_t>(2 * y);
        }
    return picture;
}

TEST(FaceFraming, ShowsWhatACropShows) {
    const Image picture = slope(100, 100);
    const Landmarks points = points_at(20, 30, 40);
    const CutFace seen = cut_framed(picture, points, framing_of(points), 20);
    const FaceCrop crop = cut(picture, {{20, 30, 40, 40}, points, 1}, 20);
    for (int y = 0; y < 20; ++y)
        for (int x = 0; x < 20; ++x)
            for (int c = 0; c < 3; ++c)
                ASSERT_NEAR(seen.levels[static_cast<std::size_t>((c * 20 + y) * 20 + x)], crop.pixels.pixel(x, y)[c],
                            1.01);
    for (std::size_t i = 0; i < points.size(); ++i) {
        EXPECT_NEAR(seen.landmarks[i].x, crop.landmarks_in_crop[i].x, 1e-3);
        EXPECT_NEAR(seen.landmarks[i].y, crop.landmarks_in_crop[i].y, 1e-3);
    }
}

TEST(FaceFraming, AMirroredSquareNamesItsSidesAnew) {
    const Image picture = slope(100, 100);
    const Landmarks points = points_at(20, 30, 40);
    FaceFraming framing = framing_of(points);
    const CutFace straight = cut_framed(picture, points, framing, 20);
    framing.mirrored = true;
    const CutFace mirrored = cut_framed(picture, points, framing, 20);
    for (int x = 0; x < 20; ++x)
        EXPECT_EQ(mirrored.levels[static_cast<std::size_t>(x)], straight.levels[static_cast<std::size_t>(19 - x)]);
    EXPECT_LT(mirrored.landmarks[0].x, mirrored.landmarks[1].x);
    EXPECT_NEAR(mirrored.landmarks[0].x, 19 - straight.landmarks[1].x, 1e-3);
}

TEST(FaceFraming, DepthHasTheUnitOfThePicturePlane) {
    Landmarks points = points_at(0, 0, 50);
    points[2].z = -10;
    EXPECT_NEAR(cut_framed(slope(50, 50), points, framing_of(points_at(0, 0, 50)), 100).landmarks[2].z, -20, 1e-2);
}

TEST(FaceFraming, BeyondThePictureLiesABackgroundOrItsBorder) {
    const Image picture(30, 30, 100), background(8, 8, 200);
    const FaceFraming framing{{60, 0, -15.5, -15.5}, false};
    const CutFace bordered = cut_framed(picture, {}, framing, 60),
                  surrounded = cut_framed(picture, {}, framing, 60, &background);
    EXPECT_EQ(bordered.levels[0], 100);
    EXPECT_EQ(surrounded.levels[0], 200);
    EXPECT_EQ(surrounded.levels[30 * 60 + 30], 100);
}

TEST(FaceFraming, MovesByNoMoreThanAllowedAndTheSameForTheSameSeed) {
    const Landmarks points = points_at(20, 30, 40);
    Augmentation how;
    how.rotate_deg = 20, how.zoom = 0.2, how.shift = 0.1;
    std::mt19937_64 random(5), again(5);
    int mirrored = 0;
    for (int i = 0; i < 200; ++i) {
        const FaceFraming moved = moved_at_random(framing_of(points), how, random);
        const Similarity& t = moved.picture_from_unit;
        EXPECT_EQ(t.tx, moved_at_random(framing_of(points), how, again).picture_from_unit.tx);
        const Point middle = t.apply({0.5F, 0.5F});
        EXPECT_NEAR(middle.x, 39.5, 4.01);
        EXPECT_NEAR(middle.y, 49.5, 4.01);
        EXPECT_NEAR(t.scale(), 40, 8.1);
        EXPECT_LE(std::abs(std::atan2(t.b, t.a)), 0.3492);
        mirrored += moved.mirrored;
    }
    EXPECT_NEAR(mirrored, 100, 40);
}

TEST(FaceFraming, CoversAPartAndMakesGrey) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 20; ++i) {
        CutFace face{20, 3, std::vector<float>(1200, 77.5F), {}};
        cover_at_random(face, random);
        const auto covered =
            std::count_if(face.levels.begin(), face.levels.begin() + 400, [](float level) { return level != 77.5F; });
        EXPECT_GT(covered, 0);
        EXPECT_LT(covered, 200);
    }
    CutFace face{1, 3, {255, 0, 0}, {}};
    make_grey(face);
    EXPECT_EQ(face.levels, (std::vector<float>{76, 76, 76}));
    EXPECT_THROW(framing_of(Landmarks(5)), Bug);
}

}  // namespace
}  // namespace affectsr
