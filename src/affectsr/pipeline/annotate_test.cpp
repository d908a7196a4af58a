#include "affectsr/pipeline/annotate.h"

#include <gtest/gtest.h>

#include <limits>

#include "affectsr/pipeline/fake_parts.h"

namespace affectsr {
namespace {

using fake::face_at;

bool is(const Image& picture, int x, int y, Colour colour) {
    const std::uint8_t* const pixel = picture.pixel(x, y);
    return pixel[0] == colour[0] && pixel[1] == colour[1] && pixel[2] == colour[2];
}

Look happy(float confidence) {
    Look look;
    look.expression.labels = {Emotion::neutral, Emotion::happiness};
    look.expression.probability = {1 - confidence, confidence};
    return look;
}

Answer answer_with(const std::vector<Face>& faces, const Look& look) {
    Answer answer;
    for (const Face& face : faces) answer.faces.push_back({face, {}, look});
    return answer;
}

TEST(Annotate, ALabelSaysTheExpressionAndHowSure) {
    EXPECT_EQ(label_of(happy(0.934F)), "happiness 93%");
    Look look;
    look.reason = "too_small";
    EXPECT_EQ(label_of(look), "too small");
    EXPECT_EQ(colour_of(look), kUndeterminedColour);
    EXPECT_EQ(colour_of(happy(0.9F)), colour_of(Emotion::happiness));
}

TEST(Annotate, ABoxOfItsColourSurroundsTheFaceAndLeavesItVisible) {
    const Image photo(1200, 900, 60);
    const Image picture = annotate(photo, answer_with({face_at(500, 400, 200)}, happy(0.9F)));
    ASSERT_EQ(picture.size(), photo.size()) << "a large photo keeps its size";
    const Colour colour = colour_of(Emotion::happiness);
    EXPECT_TRUE(is(picture, 499, 500, colour));
    EXPECT_TRUE(is(picture, 700, 500, colour));
    EXPECT_TRUE(is(picture, 600, 600, colour));
    for (int y = 400; y < 600; ++y)
        EXPECT_FALSE(is(picture, 600, y, colour)) << "inside the box the face stays as it is";
    EXPECT_TRUE(is(picture, 10, 10, {60, 60, 60}));
}

TEST(Annotate, UndeterminedFacesAreGrey) {
    Look look;
    look.reason = "too_small";
    const Image picture = annotate(Image(1200, 900, 20), answer_with({face_at(500, 400, 200)}, look));
    EXPECT_TRUE(is(picture, 499, 500, kUndeterminedColour));
}

TEST(Annotate, SmallPhotosAreEnlargedSoThatLabelsCanBeRead) {
    const Image picture = annotate(Image(120, 90, 60), answer_with({face_at(50, 40, 24)}, happy(0.9F)));
    EXPECT_GE(picture.width, 1000);
    EXPECT_EQ(picture.width % 120, 0) << "by a whole factor";
    EXPECT_EQ(picture.height * 120, picture.width * 90);
    const Image crowd = annotate(Image(1100, 700, 60), answer_with({face_at(50, 40, 15)}, happy(0.9F)));
    EXPECT_EQ(crowd.width, 2200) << "small faces too, but not without bound";
}

TEST(Annotate, LabelsOfNeighboursDoNotCoverEachOther) {
    // Side by side and close: labels as wide as two faces must find different places. Each label shows its colour
    // unbroken in a row, so count the runs that are wider than a box line.
    const Image picture =
        annotate(Image(1200, 900, 60), answer_with({face_at(500, 400, 80), face_at(590, 400, 80)}, happy(0.9F)));
    const Colour colour = colour_of(Emotion::happiness);
    int label_rows_above = 0, label_rows_below = 0;
    for (int y = 300; y < 600; ++y) {
        int run = 0, longest = 0;
        for (int x = 400; x < 800; ++x) longest = std::max(longest, run = is(picture, x, y, colour) ? run + 1 : 0);
        if (longest > 100 && y < 400) ++label_rows_above;
        if (longest > 100 && y > 480) ++label_rows_below;
    }
    EXPECT_GT(label_rows_above, 0);
    EXPECT_GT(label_rows_below, 0);
}

TEST(Annotate, OddBoxesAreDrawnAsFarAsTheyGo) {
    const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    const Answer answer = answer_with({face_at(-50, -50, 70), face_at(nan, 5, 10), face_at(5, 5, infinity),
                                       face_at(1e30F, -1e30F, 20), face_at(10, 10, 0), face_at(0, 0, 5e6F)},
                                      happy(0.5F));
    EXPECT_FALSE(annotate(Image(1000, 40, 60), answer).empty());
    EXPECT_FALSE(annotate(Image(1, 1, 60), answer).empty());
}

TEST(Annotate, WithoutFacesThePhotoIsOnlyEnlarged) {
    EXPECT_EQ(annotate(Image(1200, 10, 60), Answer{}), Image(1200, 10, 60));
    EXPECT_EQ(annotate(Image(100, 100, 60), Answer{}), Image(1000, 1000, 60));
}

}  // namespace
}  // namespace affectsr
