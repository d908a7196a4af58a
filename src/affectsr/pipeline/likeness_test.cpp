// Faces that are none and turned ones on the whole path: they get a reason in place of an expression.
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

TEST(Likeness, APhotographedFaceThatTheDefaultDetectorFindsIsAnswered) {
    const Pipeline pipeline({}, make_detector(PipelineOptions{}.detector), std::make_unique<fake::Brightener>(0),
                            std::make_unique<fake::BrightnessReader>());
    const Image photo = read_image(std::filesystem::path(AFFECTSR_SOURCE_DIR) / "examples" / "astronaut.png");
    for (const int side : {512, 256, 128}) {
        const Answer answer = pipeline.run(resize(photo, {side, side}, Filter::bicubic));
        ASSERT_EQ(answer.faces.size(), 1U) << side;
        EXPECT_EQ(answer.faces[0].look.reason, "") << side;
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
