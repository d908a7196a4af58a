#include "affectsr/face/roll.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "affectsr/face/align.h"

namespace affectsr {
namespace {

/// An upright face of 100 px turned clockwise about (200, 150).
Face turned_by(double degrees) {
    const double angle = degrees * std::numbers::pi / 180;
    const Similarity turn{100 * std::cos(angle), 100 * std::sin(angle), 0, 0};
    Face face{{150, 100, 100, 100}, {}, 1};
    for (const Point& point : kCropTemplate) {
        const Point p = turn.apply({point.x - 0.5F, point.y - 0.5F});
        face.landmarks_in_photo.push_back({p.x + 200, p.y + 150});
    }
    return face;
}

TEST(Roll, IsTheAngleOfTheEyesClockwise) {
    for (const double degrees : {-179.0, -90.0, -20.0, 0.0, 10.0, 61.0, 90.0, 135.0, 180.0}) {
        const auto roll = roll_deg(turned_by(degrees).landmarks_in_photo);
        ASSERT_TRUE(roll.has_value());
        EXPECT_NEAR(std::remainder(*roll - degrees, 360), 0, 1e-3) << degrees;
    }
}

TEST(Roll, IsThatOfThePhotoInACropThatWasTurnedUpright) {
    const Image photo(400, 300, 100);
    for (const double degrees : {-75.0, 0.0, 30.0, 170.0})
        EXPECT_NEAR(*roll_deg(cut(photo, turned_by(degrees), 48)), degrees, 0.01);
}

TEST(Roll, IsUnknownWithoutFiveFiniteLandmarks) {
    EXPECT_FALSE(roll_deg(Landmarks{}).has_value());
    EXPECT_FALSE(roll_deg(Landmarks(478, {1, 2})).has_value());
    EXPECT_FALSE(roll_deg(Landmarks(5, {3, 3})).has_value()) << "the eyes are one point";
    Landmarks lost = turned_by(0).landmarks_in_photo;
    lost[4].y = std::numeric_limits<float>::quiet_NaN();
    EXPECT_FALSE(roll_deg(lost).has_value());
}

}  // namespace
}  // namespace affectsr
