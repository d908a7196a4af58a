#include "affectsr/detect/grouping.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

Face face(Box box, float score) {
    return {box, {}, score};
}

TEST(Grouping, NeighboursBecomeTheirMean) {
    const std::vector<Group> groups =
        group_similar({{10, 20, 30, 30}, {12, 18, 30, 30}, {11, 19, 33, 33}, {200, 5, 30, 30}}, 2);
    ASSERT_EQ(groups.size(), 1U) << "one window alone is not believed";
    EXPECT_EQ(groups[0].members, 3);
    EXPECT_FLOAT_EQ(groups[0].box.x, 11);
    EXPECT_FLOAT_EQ(groups[0].box.y, 19);
    EXPECT_FLOAT_EQ(groups[0].box.width, 31);
}

TEST(Grouping, WindowsOfVeryDifferentSizeAreDifferentFaces) {
    EXPECT_EQ(group_similar({{0, 0, 30, 30}, {0, 0, 60, 60}}, 1).size(), 2U);
}

TEST(Grouping, AChainOfNeighboursIsOneFace) {
    // Each is 5 px from the next (a fifth of 30 is 6), the first is 15 px from the last.
    const std::vector<Group> groups =
        group_similar({{15, 0, 30, 30}, {0, 0, 30, 30}, {10, 0, 30, 30}, {5, 0, 30, 30}}, 4);
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_FLOAT_EQ(groups[0].box.x, 7.5F);
}

TEST(Grouping, NobodyMakesNoGroup) {
    EXPECT_TRUE(group_similar({}, 1).empty());
}

TEST(Grouping, OfOverlappingFacesTheBestScoredStays) {
    const std::vector<Face> kept = suppress_overlaps(
        {face({0, 0, 20, 20}, 0.6F), face({2, 2, 20, 20}, 0.9F), face({100, 0, 20, 20}, 0.7F)}, 0.3, 0.6);
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_FLOAT_EQ(kept[0].score, 0.9F);
    EXPECT_FLOAT_EQ(kept[1].score, 0.7F) << "best first";
}

TEST(Grouping, AnEyeInsideAFaceIsNoFace) {
    EXPECT_EQ(suppress_overlaps({face({0, 0, 60, 60}, 0.9F), face({10, 10, 15, 15}, 0.7F)}, 0.3, 0.6).size(), 1U);
}

TEST(Grouping, FacesSideBySideBothStay) {
    EXPECT_EQ(suppress_overlaps({face({0, 0, 30, 30}, 0.9F), face({25, 0, 30, 30}, 0.8F)}, 0.3, 0.6).size(), 2U);
}

TEST(Grouping, OverlappingFacesBecomeTheirMeanWeightedByScore) {
    const Face sure{{10, 10, 20, 20}, {{12, 14}}, 0.9F}, less{{14, 10, 20, 24}, {{16, 18}}, 0.3F};
    const Face other{{100, 10, 20, 20}, {{105, 15}}, 0.5F};
    const std::vector<Face> faces = blend_overlaps({less, other, sure}, 0.3);
    ASSERT_EQ(faces.size(), 2U);
    EXPECT_FLOAT_EQ(faces[0].score, 0.9F);
    EXPECT_FLOAT_EQ(faces[0].box_in_photo.x, 11);
    EXPECT_FLOAT_EQ(faces[0].box_in_photo.height, 21);
    EXPECT_FLOAT_EQ(faces[0].landmarks_in_photo.at(0).x, 13);
    EXPECT_FLOAT_EQ(faces[0].landmarks_in_photo.at(0).y, 15);
    EXPECT_FLOAT_EQ(faces[1].box_in_photo.x, 100);
    EXPECT_EQ(blend_overlaps({less, other, sure}, 0.9).size(), 3U) << "they do not overlap so much";
}

}  // namespace
}  // namespace affectsr
