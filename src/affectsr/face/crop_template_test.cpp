#include "affectsr/face/crop_template.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"

namespace affectsr {
namespace {

/// A textured photo and a face in it whose landmarks a template of ours would put upright into a `side` px square.
struct Scene {
    Image photo{160, 140};
    Face face;
};

Scene scene(double side, double angle) {
    Scene made;
    for (std::size_t i = 0; i < made.photo.rgb.size(); ++i)
        made.photo.rgb[i] = static_cast<std::uint8_t>((i * i / 7 + i) % 251);
    const Similarity turn{side * std::cos(angle), side * std::sin(angle), 80, 70};
    for (const Point& point : kCropTemplate) {
        const Point p{point.x - 0.5F, point.y - 0.5F};
        made.face.landmarks_in_photo.push_back(turn.apply(p));
    }
    const auto edge = static_cast<float>(side);
    made.face.box_in_photo = {80 - edge / 2, 70 - edge / 2, edge, edge};
    return made;
}

TEST(CropTemplate, EveryOneIsNamedSourcedAndUpright) {
    std::set<std::string> names;
    for (const CropTemplate& entry : crop_template_catalog()) {
        EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
        EXPECT_FALSE(entry.source.empty()) << entry.name;
        EXPECT_EQ(&crop_template(entry.name), &entry);
        const std::array<Point, 5>& p = entry.points;
        EXPECT_LT(p[0].x, p[2].x) << entry.name;
        EXPECT_LT(p[2].x, p[1].x) << entry.name;
        EXPECT_LT(p[0].y, p[2].y) << entry.name;
        EXPECT_LT(p[2].y, p[3].y) << entry.name;
        for (const Point& point : p) {
            EXPECT_GT(std::min(point.x, point.y), 0) << entry.name;
            EXPECT_LT(std::max(point.x, point.y), entry.size_px) << entry.name;
        }
    }
    EXPECT_TRUE(names.contains("affectsr_48") && names.contains("arcface_112") && names.contains("ffhq_512"));
}

TEST(CropTemplate, AnUnknownNameIsAnsweredWithTheKnownOnes) {
    try {
        crop_template("arcface");
        FAIL() << "which size?";
    } catch (const UsageError& error) {
        EXPECT_EQ(error.code(), "unknown_crop_template");
        EXPECT_NE(std::string(error.what()).find("arcface_112"), std::string::npos) << error.what();
    }
}

TEST(CropTemplate, PublishedPointsAreMultipliedOursKeepTheirPlaceInTheSquare) {
    const CropTemplate& arcface = crop_template("arcface_112");
    EXPECT_FLOAT_EQ(arcface.points_at(224)[0].x, 2 * 38.2946F);
    EXPECT_EQ(arcface.points_at(112)[3].y, 92.3655F);
    EXPECT_FLOAT_EQ(crop_template("arcface_128").points_at(256)[0].x, 2 * (38.2946F + 8));
    EXPECT_FLOAT_EQ(crop_template("arcface_128").points_at(128)[0].y, 51.6963F);
    EXPECT_FLOAT_EQ(crop_template("ffhq_512").points_at(256)[2].y, 314.01935F / 2);
    for (const int size : {1, 24, 48, 300}) {
        const std::array<Point, 5> points = crop_template("affectsr_48").points_at(size);
        for (std::size_t i = 0; i < 5; ++i) {
            EXPECT_NEAR((points[i].x + 0.5F) / static_cast<float>(size), kCropTemplate[i].x, 1e-5F);
            EXPECT_NEAR((points[i].y + 0.5F) / static_cast<float>(size), kCropTemplate[i].y, 1e-5F);
        }
    }
    EXPECT_THROW(crop_template("ffhq_512").points_at(0), Bug);
}

TEST(CropTemplate, OursIsCutAsWithoutATemplate) {
    const Scene made = scene(40, 0.3);
    const FaceCrop plain = cut(made.photo, made.face, 48),
                   named = cut(made.photo, made.face, crop_template("affectsr_48"), 48);
    ASSERT_EQ(plain.pixels.size(), named.pixels.size());
    for (std::size_t i = 0; i < plain.pixels.rgb.size(); ++i)
        ASSERT_NEAR(plain.pixels.rgb[i], named.pixels.rgb[i], 1) << i;
    EXPECT_NEAR(plain.photo_from_crop.tx, named.photo_from_crop.tx, 1e-4);
    EXPECT_EQ(named.face_in_photo_px, 40);
}

TEST(CropTemplate, TheLandmarksLandOnTheTemplatesPoints) {
    const Scene made = scene(44, -0.7);
    for (const CropTemplate& framing : crop_template_catalog()) {
        const FaceCrop crop = cut(made.photo, made.face, framing, framing.size_px);
        ASSERT_EQ(crop.pixels.width, framing.size_px);
        // An upright face whose proportions are ours: off by how far the templates differ, a few hundredths of the
        // side.
        for (std::size_t i = 0; i < 5; ++i) {
            EXPECT_NEAR(crop.landmarks_in_crop[i].x, framing.points[i].x, framing.size_px * 0.03F) << framing.name;
            EXPECT_NEAR(crop.landmarks_in_crop[i].y, framing.points[i].y, framing.size_px * 0.03F) << framing.name;
        }
    }
}

TEST(CropTemplate, AFaceWithoutLandmarksIsFramedWhereAnAverageFaceHasThem) {
    Scene made = scene(40, 0);
    made.face.landmarks_in_photo.clear();
    const CropTemplate& arcface = crop_template("arcface_112");
    const FaceCrop boxed = cut(made.photo, made.face, arcface, 112);
    const FaceCrop square = cut(made.photo, made.face, 41);
    Face average = made.face;
    for (const Point& point : kCropTemplate)
        average.landmarks_in_photo.push_back(square.photo_from_crop.apply({point.x * 41 - 0.5F, point.y * 41 - 0.5F}));
    const FaceCrop located = cut(made.photo, average, arcface, 112);
    EXPECT_TRUE(boxed.landmarks_in_crop.empty());
    EXPECT_NEAR(boxed.photo_from_crop.a, located.photo_from_crop.a, 1e-5);
    EXPECT_NEAR(boxed.photo_from_crop.tx, located.photo_from_crop.tx, 1e-3);
}

TEST(CropTemplate, OneMistakenLandmarkDoesNotMoveARobustCrop) {
    Scene made = scene(60, 0.2);
    const CropTemplate& ours = crop_template("affectsr_48");
    const FaceCrop good = cut(made.photo, made.face, ours, 48, Fit::lmeds);
    made.face.landmarks_in_photo[3].x += 25;
    const FaceCrop robust = cut(made.photo, made.face, ours, 48, Fit::lmeds),
                   plain = cut(made.photo, made.face, ours, 48);
    EXPECT_NEAR(robust.photo_from_crop.tx, good.photo_from_crop.tx, 1e-3);
    EXPECT_NEAR(robust.photo_from_crop.b, good.photo_from_crop.b, 1e-5);
    EXPECT_GT(std::abs(plain.photo_from_crop.tx - good.photo_from_crop.tx), 1);
}

TEST(CropTemplate, AFaceWithoutSizeHasNoCrop) {
    EXPECT_THROW(cut(Image(50, 50), Face{}, crop_template("arcface_112"), 112), Bug);
    EXPECT_THROW(cut(scene(40, 0).photo, scene(40, 0).face, crop_template("arcface_112"), 0), Bug);
}

}  // namespace
}  // namespace affectsr
