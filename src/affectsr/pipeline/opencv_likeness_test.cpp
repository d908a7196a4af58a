// Drawn faces that OpenCV's Haar cascade takes for faces, on the whole path. Left out of builds without OpenCV.
#include <gtest/gtest.h>

#include <filesystem>

#include "affectsr/detect/catalog.h"
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

TEST(OpencvLikeness, DrawnFacesThatHaarFindsAreNotAnswered) {
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

TEST(OpencvLikeness, AFaceWithoutLandmarksHasNoRoll) {
    const Image photo = read_image(std::filesystem::path(AFFECTSR_SOURCE_DIR) / "examples" / "astronaut.png");
    const Answer answer = with_haar().run(photo);
    ASSERT_EQ(answer.faces.size(), 1U);
    EXPECT_FALSE(answer.faces[0].look.roll_deg.has_value()) << "Haar gives no landmarks";
}

}  // namespace
}  // namespace affectsr
