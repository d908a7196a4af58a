#include "affectsr/detect/detection_network.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace affectsr {
namespace {

/// A grid of 3 × 2 cells of 8 px in which nobody is.
struct SmallGrid {
    std::vector<float> class_score = std::vector<float>(6), object_score = std::vector<float>(6),
                       box = std::vector<float>(24), points = std::vector<float>(60);
    std::vector<Face> faces(double least_score = 0.5) const {
        return faces_of({8, 3, 2, class_score, object_score, box, points}, least_score);
    }
    /// A face in the cell of column 2, row 1.
    void put_one() {
        class_score[5] = 0.9F, object_score[5] = 0.4F;
        box[5] = 0.5F, box[6 + 5] = 0.25F, box[12 + 5] = std::log(3.0F), box[18 + 5] = std::log(2.0F);
        for (int i = 0; i < 10; ++i) points[static_cast<std::size_t>(6 * i + 5)] = 0.1F * static_cast<float>(i);
    }
};

TEST(DetectionNetwork, AnEmptyGridHasNoFace) {
    EXPECT_TRUE(SmallGrid().faces().empty());
}

TEST(DetectionNetwork, ACellsNumbersBecomeAFaceAsByHand) {
    SmallGrid grid;
    grid.put_one();
    const std::vector<Face> faces = grid.faces();
    ASSERT_EQ(faces.size(), 1U);
    EXPECT_NEAR(faces[0].score, 0.6, 1e-6) << "the geometric mean of 0.9 and 0.4";
    EXPECT_NEAR(faces[0].box_in_photo.width, 24, 1e-4);
    EXPECT_NEAR(faces[0].box_in_photo.height, 16, 1e-4);
    EXPECT_NEAR(faces[0].box_in_photo.x, (2 + 0.5) * 8 - 12, 1e-4);
    EXPECT_NEAR(faces[0].box_in_photo.y, (1 + 0.25) * 8 - 8, 1e-4);
    ASSERT_EQ(faces[0].landmarks_in_photo.size(), 5U);
    EXPECT_NEAR(faces[0].landmarks_in_photo[1].x, (2 + 0.2) * 8 - 0.5, 1e-4);
    EXPECT_NEAR(faces[0].landmarks_in_photo[1].y, (1 + 0.3) * 8 - 0.5, 1e-4);
}

TEST(DetectionNetwork, AScoreUnderTheLeastIsNoFace) {
    SmallGrid grid;
    grid.put_one();
    EXPECT_EQ(grid.faces(0.59).size(), 1U);
    EXPECT_TRUE(grid.faces(0.61).empty());
}

TEST(DetectionNetwork, NumbersThatAreNoneAreNoFace) {
    for (const float broken : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        for (int which = 0; which < 3; ++which) {
            SmallGrid grid;
            grid.put_one();
            (which == 0 ? grid.box[12 + 5] : which == 1 ? grid.points[5] : grid.class_score[5]) = broken;
            if (which == 2 && std::isinf(broken)) continue;  // counts as 1
            EXPECT_TRUE(grid.faces().empty()) << broken << " in " << which;
        }
    }
}

}  // namespace
}  // namespace affectsr
