#include "affectsr/experiment/compare.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/experiment/test_compare.h"

namespace affectsr {
namespace {

using namespace test_compare;

std::vector<ComparedFace> compared(const Image& before, const Image& after, const CompareOptions& options = {}) {
    return compare_faces(before, after, "after.png", party(), options);
}

TEST(Compare, ACopyInAnotherSizeIsKept) {
    const auto faces = compared(picture_of(Emotion::happiness, 90), picture_of(Emotion::happiness, 90, 1024));
    ASSERT_EQ(faces.size(), 1U);
    const ComparedFace& face = faces[0];
    EXPECT_EQ(face.status, PairStatus::compared);
    ASSERT_EQ(face.drifts.size(), 1U);
    EXPECT_EQ(face.drifts[0].verdict, DriftVerdict::kept);
    EXPECT_EQ(face.before[0].expression.best(), Emotion::happiness);
    ASSERT_TRUE(face.landmark_shift.has_value());
    EXPECT_NEAR(*face.landmark_shift, 0, 1e-3);
    EXPECT_FLOAT_EQ(face.box_before.width, 64);
    EXPECT_FLOAT_EQ(face.box_after.width, 256);
    EXPECT_NEAR(face.face_px, 66, 1) << "a crop is a little wider than its box";
    EXPECT_EQ(face.picture_after.width, kComparedPx);
    EXPECT_EQ(face.picture_before.width, 66);
}

TEST(Compare, AnotherExpressionIsChangedAndMovedPointsDrift) {
    const Image before = picture_of(Emotion::sadness, 90);
    EXPECT_EQ(compared(before, picture_of(Emotion::happiness, 90, 512)).at(0).drifts[0].verdict, DriftVerdict::changed);
    const ComparedFace moved = compared(before, picture_of(Emotion::sadness, 90, 512, 21)).at(0);
    EXPECT_NEAR(*moved.landmark_shift, 0.2, 0.01) << "in eye distances, whatever the sizes";
    EXPECT_EQ(moved.drifts[0].verdict, DriftVerdict::drifted);
    const auto unsure =
        compare_faces(before, picture_of(Emotion::sadness, 90, 512, 21), "after.png", party(1, 0.2F), {});
    EXPECT_FALSE(unsure.at(0).landmark_shift.has_value()) << "the landmarker was not sure of the face before";
    EXPECT_EQ(unsure.at(0).drifts[0].verdict, DriftVerdict::kept);
}

TEST(Compare, SmallFacesAreReadFromTheirOwnPixelsAndCalibratedAlike) {
    const CompareParty together = party();
    compare_faces(picture_of(Emotion::fear, 90, 96), picture_of(Emotion::fear, 90, 768), "after.png", together, {});
    const auto& judge = dynamic_cast<const ColourJudge&>(*together.judges[0].classifier);
    ASSERT_EQ(judge.seen_px.size(), 2U);
    EXPECT_NEAR(judge.seen_px[0], 25, 1) << "enlarged by the judge, not by the cut";
    EXPECT_EQ(judge.seen_px[1], 48);
    EXPECT_EQ(judge.told_px[0], judge.told_px[1]) << "a restorer gives pixels, not knowledge";
    EXPECT_NEAR(judge.told_px[0], 25, 1.5);
}

TEST(Compare, AFaceOfOnePictureAloneIsReadThere) {
    const Image full = picture_of(Emotion::anger, 80), nobody = empty_picture(512);
    const ComparedFace lost = compared(full, nobody).at(0);
    EXPECT_EQ(lost.status, PairStatus::vanished);
    EXPECT_EQ(lost.before[0].expression.best(), Emotion::anger);
    EXPECT_EQ(lost.after[0].reason, "vanished");
    EXPECT_TRUE(lost.drifts.empty());
    const ComparedFace gained = compared(nobody, full).at(0);
    EXPECT_EQ(gained.status, PairStatus::appeared);
    EXPECT_EQ(gained.before[0].reason, "appeared");
    EXPECT_EQ(gained.after[0].expression.best(), Emotion::anger);
    EXPECT_TRUE(compared(nobody, nobody).empty());
}

TEST(Compare, CroppedFacesAreComparedWholeWithThePointsOfTheMiddleOne) {
    CompareOptions options;
    options.already_cropped = true;
    const auto faces = compared(picture_of(Emotion::fear, 90, 128), picture_of(Emotion::anger, 90, 512, 11), options);
    ASSERT_EQ(faces.size(), 1U);
    EXPECT_EQ(faces[0].drifts[0].verdict, DriftVerdict::changed);
    EXPECT_EQ(faces[0].face_px, 128);
    // The fake does not follow the pixels, and a face without landmarks is cut on whole ones: 33 of the small picture.
    EXPECT_NEAR(faces[0].landmark_shift.value_or(-1), 0.1, 0.04);
    const auto nobody = compared(empty_picture(128), empty_picture(256), options);
    ASSERT_EQ(nobody.size(), 1U) << "who gives a cropped face says that it is one";
    EXPECT_FALSE(nobody[0].landmark_shift.has_value());
}

TEST(Compare, AFaceThatBecameFlatCanNoLongerBeRead) {
    CompareOptions options;
    options.already_cropped = true;
    const ComparedFace face = compared(picture_of(Emotion::fear, 90, 128), Image(256, 256, 90), options).at(0);
    EXPECT_EQ(face.after[0].reason, "constant");
    EXPECT_EQ(face.drifts[0].verdict, DriftVerdict::changed);
    const ComparedFace tiny = compared(picture_of(Emotion::fear, 90, 24), picture_of(Emotion::fear, 90, 96)).at(0);
    EXPECT_EQ(tiny.before[0].reason, "too_small");
    EXPECT_EQ(tiny.drifts[0].verdict, DriftVerdict::undetermined);
}

TEST(Compare, PicturesOfAnotherShapeAreRefused) {
    CompareOptions options;
    for (const bool cropped : {false, true}) {
        options.already_cropped = cropped;
        EXPECT_THROW(compared(Image(100, 100, 90), Image(400, 200, 90), options), InputError);
    }
}

TEST(Compare, WhoIsUnknownIsRefused) {
    CompareOptions options;
    options.judges = {"small_net", "small_net"};
    EXPECT_THROW(compare_party(options), UsageError);
    options.judges = {};
    EXPECT_THROW(compare_party(options), UsageError);
    options = {};
    options.detector = "nobody";
    EXPECT_THROW(compare_party(options), UsageError);
}

}  // namespace
}  // namespace affectsr
