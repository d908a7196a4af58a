#include "affectsr/face/align.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

/// A smooth picture whose red grows to the right and green downwards, two levels a pixel.
Image ramp(int width, int height) {
    Image image(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            image.pixel(x, y)[0] = static_cast<std::uint8_t>(2 * x);
            image.pixel(x, y)[1] = static_cast<std::uint8_t>(2 * y);
            image.pixel(x, y)[2] = 77;
        }
    }
    return image;
}

/// A face whose landmarks are the template, `side` px large, turned by `angle` about its centre.
Face face_at(double centre_x, double centre_y, double side, double angle) {
    Face face;
    for (const Point& point : kCropTemplate) {
        const double x = (static_cast<double>(point.x) - 0.5) * side, y = (static_cast<double>(point.y) - 0.5) * side;
        face.landmarks_in_photo.push_back({static_cast<float>(centre_x + std::cos(angle) * x - std::sin(angle) * y),
                                           static_cast<float>(centre_y + std::sin(angle) * x + std::cos(angle) * y)});
    }
    const auto left = static_cast<float>(centre_x - side / 2), top = static_cast<float>(centre_y - side / 2);
    face.box_in_photo = {left, top, static_cast<float>(side), static_cast<float>(side)};
    return face;
}

TEST(Align, FindsTheSimilarityThatWasApplied) {
    const Similarity truth{1.2, -0.5, 40, -3};
    const Landmarks source{{0, 0}, {10, 2}, {5, 9}, {-3, 4}};
    Landmarks target;
    for (const Point& point : source) target.push_back(truth.apply(point));
    const std::optional<Similarity> found = fit_similarity(source, target);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->a, truth.a, 1e-6);
    EXPECT_NEAR(found->b, truth.b, 1e-6);
    EXPECT_NEAR(found->tx, truth.tx, 1e-5);
    EXPECT_NEAR(found->ty, truth.ty, 1e-5);
}

TEST(Align, AMirroredFaceIsNotMirroredBack) {
    const Landmarks source{{0, 0}, {4, 0}, {0, 2}}, mirrored{{0, 0}, {-4, 0}, {0, 2}};
    const std::optional<Similarity> found = fit_similarity(source, mirrored);
    ASSERT_TRUE(found);
    // Least squares without a reflection: the best turn is half a circle, shrunk by how badly it fits.
    EXPECT_LT(found->a, 0);
    EXPECT_LT(found->scale(), 1);
}

TEST(Align, PointsThatSayNothingGiveNoSimilarity) {
    const Landmarks one{{1, 1}}, equal{{2, 2}, {2, 2}}, two{{0, 0}, {1, 0}};
    EXPECT_FALSE(fit_similarity(one, one));
    EXPECT_FALSE(fit_similarity(equal, two));
    EXPECT_FALSE(fit_similarity(two, one));
    const Landmarks broken{{0, 0}, {std::numeric_limits<float>::quiet_NaN(), 0}};
    EXPECT_FALSE(fit_similarity(broken, two));
    EXPECT_FALSE(fit_similarity(two, broken));
}

TEST(Align, ATurnedFaceIsCutUpright) {
    const Image photo = ramp(120, 120);
    for (const double angle : {0.0, 0.4, -1.2, 3.0}) {
        const FaceCrop crop = cut(photo, face_at(60, 60, 40, angle), 40);
        ASSERT_EQ(crop.pixels.size(), (ImageSize{40, 40}));
        for (std::size_t i = 0; i < kCropTemplate.size(); ++i) {
            // The template is in fractions of edges; pixel centres lie half a pixel later.
            EXPECT_NEAR(crop.landmarks_in_crop[i].x, kCropTemplate[i].x * 40 - 0.5F, 1e-3) << "angle " << angle;
            EXPECT_NEAR(crop.landmarks_in_crop[i].y, kCropTemplate[i].y * 40 - 0.5F, 1e-3) << "angle " << angle;
        }
        const Point in_photo = crop.photo_from_crop.apply({9, 30});
        EXPECT_NEAR(crop.pixels.pixel(9, 30)[0], 2 * in_photo.x, 1.01) << "angle " << angle;
        EXPECT_NEAR(crop.pixels.pixel(9, 30)[1], 2 * in_photo.y, 1.01) << "angle " << angle;
    }
}

TEST(Align, WithoutLandmarksTheSquareAroundTheBoxIsCopiedPixelByPixel) {
    const Image photo = ramp(100, 100);
    Face face;
    face.box_in_photo = {30.4F, 20.4F, 24, 24};
    ASSERT_DOUBLE_EQ(crop_side_px(face), 25);  // 24 · 1.03, whole
    const FaceCrop crop = cut(photo, face, 25);
    EXPECT_FLOAT_EQ(crop.face_in_photo_px, 24);
    for (int y = 0; y < 25; ++y) {
        for (int x = 0; x < 25; ++x) {
            ASSERT_EQ(crop.pixels.pixel(x, y)[0], photo.pixel(30 + x, 20 + y)[0]);
            ASSERT_EQ(crop.pixels.pixel(x, y)[1], photo.pixel(30 + x, 20 + y)[1]);
        }
    }
}

TEST(Align, AnOblongBoxIsCutAsTheSquareAroundItsCentre) {
    Face face;
    face.box_in_photo = {40, 30, 20, 40};
    const FaceCrop crop = cut(ramp(120, 120), face, 41);
    const Point centre = crop.photo_from_crop.apply({20, 20});
    EXPECT_NEAR(centre.x, 49.5, 0.51);
    EXPECT_NEAR(centre.y, 49.5, 0.51);
    EXPECT_FLOAT_EQ(crop.face_in_photo_px, 20);
}

TEST(Align, LandmarksFarFromTheirBoxAreNotBelieved) {
    Face face = face_at(60, 60, 40, 0);
    for (Point& point : face.landmarks_in_photo) point = {60 + (point.x - 60) / 10, 60 + (point.y - 60) / 10};
    EXPECT_DOUBLE_EQ(crop_side_px(face), 41);
    face = face_at(60, 60, 40, 0);
    for (Point& point : face.landmarks_in_photo) point.x += 300;
    EXPECT_DOUBLE_EQ(crop_side_px(face), 41);
    face.landmarks_in_photo[2].y = std::numeric_limits<float>::infinity();
    EXPECT_DOUBLE_EQ(crop_side_px(face), 41);
}

TEST(Align, AFaceWithoutSizeHasNoCrop) {
    Face face;
    EXPECT_EQ(crop_side_px(face), 0);
    face.box_in_photo = {0, 0, -5, 20};
    EXPECT_EQ(crop_side_px(face), 0);
    face.box_in_photo = {std::numeric_limits<float>::quiet_NaN(), 0, 20, 20};
    EXPECT_EQ(crop_side_px(face), 0);
    face.box_in_photo = {0, 0, 20, std::numeric_limits<float>::infinity()};
    EXPECT_EQ(crop_side_px(face), 0);
    EXPECT_THROW(cut(Image(50, 50), face, 10), Bug);
}

TEST(Align, AFaceOverTheBorderIsCutWithTheBorderRepeated) {
    Face face;
    face.box_in_photo = {-20, 10, 24, 24};
    const FaceCrop crop = cut(ramp(60, 60), face, 25);
    EXPECT_EQ(crop.pixels.pixel(0, 12)[0], 0);
    EXPECT_GT(crop.pixels.pixel(24, 12)[0], 0);
}

TEST(Align, AWholePhotoKeepsItsCentreSquareAndItsPixels) {
    const Image photo = ramp(50, 40);
    const FaceCrop crop = cut_whole(photo, 64);
    ASSERT_EQ(crop.pixels.size(), (ImageSize{40, 40}));
    EXPECT_EQ(crop.pixels.pixel(0, 0)[0], photo.pixel(5, 0)[0]);
    EXPECT_FLOAT_EQ(crop.photo_from_crop.apply({0, 0}).x, 5);
    EXPECT_FLOAT_EQ(crop.photo_from_crop.apply({39, 39}).y, 39);
    EXPECT_FLOAT_EQ(crop.face_in_photo_px, 0);
    EXPECT_EQ(cut_whole(photo, 16).pixels.size(), (ImageSize{16, 16}));
    EXPECT_NEAR(cut_whole(photo, 16).photo_from_crop.scale(), 2.5, 1e-12);
}

TEST(Align, PastingACropBackLeavesThePhotoAsItWas) {
    const Image photo = ramp(120, 120);
    for (const double angle : {0.0, 0.5}) {
        const FaceCrop crop = cut(photo, face_at(60, 60, 48, angle), 48);
        Image picture = photo;
        paste_back(picture, crop.pixels, photo_from_restored(crop, 48));
        for (std::size_t i = 0; i < photo.rgb.size(); ++i) ASSERT_NEAR(picture.rgb[i], photo.rgb[i], 2);
    }
}

TEST(Align, ALargerRestoredPictureCoversTheSamePlace) {
    Face face;
    face.box_in_photo = {40, 40, 30, 30};
    Image photo(120, 120, 100);
    const FaceCrop crop = cut(photo, face, 31);
    paste_back(photo, Image(124, 124, 200), photo_from_restored(crop, 124));
    EXPECT_EQ(photo.pixel(55, 55)[0], 200) << "the middle is the restored face";
    EXPECT_EQ(photo.pixel(38, 55)[0], 100) << "outside nothing changes";
    EXPECT_EQ(photo.pixel(72, 55)[0], 100);
    EXPECT_LT(photo.pixel(41, 55)[0], 140) << "at the edge it has faded";
    EXPECT_EQ(photo.pixel(41, 55)[0], photo.pixel(69, 55)[0]) << "on both sides alike";
    for (int x = 38; x < 55; ++x) EXPECT_LE(photo.pixel(x, 55)[0], photo.pixel(x + 1, 55)[0]) << "without a step back";
}

TEST(Align, PastingOverTheBorderChangesOnlyWhatIsInside) {
    Image photo(40, 40, 100);
    Face face;
    face.box_in_photo = {-10, -10, 20, 20};
    const FaceCrop crop = cut(photo, face, 21);
    paste_back(photo, Image(21, 21, 250), photo_from_restored(crop, 21));
    EXPECT_EQ(photo.pixel(0, 0)[0], 250);
    EXPECT_EQ(photo.pixel(20, 20)[0], 100);
}

TEST(Align, AResizedCropShowsTheSameSquareAndTheSamePoints) {
    Image photo(120, 90);
    for (std::size_t i = 0; i < photo.rgb.size(); ++i) photo.rgb[i] = static_cast<std::uint8_t>(i * 7 % 251);
    Face face{{30, 20, 40, 40}, {}, 1};
    for (const Point& point : kCropTemplate) face.landmarks_in_photo.push_back({30 + 40 * point.x, 20 + 40 * point.y});
    const FaceCrop crop = cut(photo, face, 20);
    const FaceCrop large = resized(crop, 50);
    EXPECT_EQ(large.pixels.size(), (ImageSize{50, 50}));
    EXPECT_EQ(large.face_in_photo_px, crop.face_in_photo_px);
    ASSERT_EQ(large.landmarks_in_crop.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) {
        const Point in_photo = large.photo_from_crop.apply(large.landmarks_in_crop[i]);
        EXPECT_NEAR(in_photo.x, face.landmarks_in_photo[i].x, 1e-3);
        EXPECT_NEAR(in_photo.y, face.landmarks_in_photo[i].y, 1e-3);
    }
    EXPECT_EQ(resized(crop, 20).pixels, crop.pixels);
}

}  // namespace
}  // namespace affectsr
