// Drawn and turned faces on the whole path, with a real detector: they get a reason in place of an expression.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "affectsr/detect/catalog.h"
#include "affectsr/face/align.h"
#include "affectsr/face/test_drawings.h"
#include "affectsr/image/codec.h"
#include "affectsr/pipeline/fake_parts.h"

namespace affectsr {
namespace {

/// Haar, and a reader that is sure of every face.
Pipeline with_haar() {
    return Pipeline({}, make_detector("haar"), std::make_unique<fake::Brightener>(0),
                    std::make_unique<fake::BrightnessReader>());
}

TEST(Likeness, DrawnFacesThatHaarFindsAreNotAnswered) {
    if (detector_catalog().empty()) GTEST_SKIP() << "built without detectors";
    const Pipeline pipeline = with_haar();
    int found = 0, answered = 0;
    for (int colours = 0; colours < static_cast<int>(kDrawingColours.size()); ++colours)
        for (const int eyes : {0, 1, 2}) {
            const Drawing drawing{100, 0.05, colours, eyes, colours % 4, eyes != 1, eyes == 2 ? 0.4 : 0.0};
            for (const Answer::Seen& seen : pipeline.run(drawn(drawing)).faces) {
                if (seen.face.box_in_photo.size_px() < 50) continue;  // a part of the drawing
                ++found;
                if (seen.look.expression.empty()) {
                    EXPECT_EQ(seen.look.reason, "not_a_face");
                } else {
                    ++answered;
                }
            }
        }
    EXPECT_GE(found, 3) << "a test without drawings that Haar takes for faces says nothing";
    EXPECT_LE(answered, found / 10);
}

TEST(Likeness, APhotographedFaceIsAnswered) {
    if (detector_catalog().empty()) GTEST_SKIP() << "built without detectors";
    const Image photo = read_image(std::filesystem::path(AFFECTSR_SOURCE_DIR) / "examples" / "astronaut.png");
    for (const int side : {512, 256, 128}) {
        const Answer answer = with_haar().run(resize(photo, {side, side}, Filter::bicubic));
        ASSERT_EQ(answer.faces.size(), 1U) << side;
        EXPECT_EQ(answer.faces[0].look.reason, "") << side;
        EXPECT_FALSE(answer.faces[0].look.roll_deg.has_value()) << "Haar gives no landmarks";
    }
}

TEST(Likeness, WhoGivesACroppedPictureSaysThatItIsAFace) {
    PipelineOptions options;
    options.already_cropped = true;
    const Pipeline pipeline(options, nullptr, std::make_unique<fake::Brightener>(0),
                            std::make_unique<fake::BrightnessReader>());
    EXPECT_EQ(pipeline.run(drawn({})).faces.at(0).look.reason, "");
}

TEST(Likeness, AFaceTurnedByMoreThanSixtyDegreesIsAnsweredWithItsAngleOnly) {
    const Image photo = fake::textured_photo(200, 200);
    for (const double degrees : {0.0, 30.0, -59.0, 61.0, -90.0, 180.0}) {
        const double angle = degrees * 3.14159265358979 / 180;
        const Similarity turn{80 * std::cos(angle), 80 * std::sin(angle), 0, 0};
        Face face = fake::face_at(60, 60, 80);
        for (const Point& point : kCropTemplate) {
            const Point p = turn.apply({point.x - 0.5F, point.y - 0.5F});
            face.landmarks_in_photo.push_back({p.x + 100, p.y + 100});
        }
        const Answer answer = fake::pipeline({face}).run(photo);
        const Look& look = answer.faces.at(0).look;
        ASSERT_TRUE(look.roll_deg.has_value());
        EXPECT_NEAR(std::remainder(*look.roll_deg - degrees, 360), 0, 0.01);
        EXPECT_EQ(look.reason, std::abs(degrees) > 60 ? "turned" : "");
        EXPECT_EQ(look.expression.empty(), std::abs(degrees) > 60);
    }
}

}  // namespace
}  // namespace affectsr
