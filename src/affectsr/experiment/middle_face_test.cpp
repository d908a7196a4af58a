#include "affectsr/experiment/middle_face.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

/// Finds the same boxes in every picture.
struct SameBoxes : Detector {
    std::vector<Box> boxes;
    std::vector<Face> detect(const Image&) const override {
        std::vector<Face> faces;
        for (const Box& box : boxes) faces.push_back({box, {}, 1});
        return faces;
    }
};

TEST(MiddleFace, IsTheOneNearestToTheMiddleNotTheFirst) {
    SameBoxes detector;
    EXPECT_FALSE(middle_face(Image(100, 100), detector));
    detector.boxes = {{0, 0, 20, 20}, {45, 35, 20, 20}, {70, 70, 20, 20}};
    EXPECT_EQ(middle_face(Image(100, 100), detector)->box_in_photo.x, 45);
}

TEST(MiddleFace, AFaceThatCannotBeCutIsNone) {
    SameBoxes detector;
    detector.boxes = {{50, 50, 0, 0}};
    EXPECT_FALSE(middle_face(Image(100, 100), detector));
}

}  // namespace
}  // namespace affectsr
