#include "affectsr/metric/landmark_shift.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/face/mesh.h"

namespace affectsr {
namespace {

Landmarks at_rest() {
    return {canonical_mesh().begin(), canonical_mesh().end()};
}

/// Every point as far to the right as `eyes` distances of the eyes.
Landmarks moved_by(double eyes) {
    Landmarks mesh = at_rest();
    const double step = eyes * eye_distance(mesh);
    for (Point& point : mesh) point.x += static_cast<float>(step);
    return mesh;
}

TEST(LandmarkShift, IsInEyeDistancesOfTheOriginal) {
    EXPECT_EQ(landmark_shift(at_rest(), at_rest()), 0);
    EXPECT_NEAR(landmark_shift(moved_by(0.2), at_rest()), 0.2, 1e-5);
    Landmarks twice = at_rest(), twice_moved = moved_by(0.2);
    for (Landmarks* mesh : {&twice, &twice_moved})
        for (Point& point : *mesh) point.x *= 2, point.y *= 2;
    EXPECT_NEAR(landmark_shift(twice_moved, twice), 0.2, 1e-5) << "whatever the size of the picture";
}

TEST(LandmarkShift, OfSomePointsIsTheirsAlone) {
    Landmarks moved = at_rest();
    for (const std::uint16_t point : mesh_lips()) moved[point].y += static_cast<float>(eye_distance(at_rest()));
    EXPECT_NEAR(landmark_shift(moved, at_rest(), mesh_lips()), 1, 1e-5);
    EXPECT_EQ(landmark_shift(moved, at_rest(), mesh_brows()), 0);
    EXPECT_NEAR(landmark_shift(moved, at_rest()), static_cast<double>(mesh_lips().size()) / 478, 1e-5);
}

TEST(LandmarkShift, DepthDoesNotCount) {
    Landmarks moved = at_rest();
    for (Point& point : moved) point.z += 100;
    EXPECT_EQ(landmark_shift(moved, at_rest()), 0);
}

TEST(LandmarkShift, AveragesFacesAndCountsThoseWithoutPoints) {
    LandmarkShift shift{LandmarkShiftOptions{}};
    EXPECT_TRUE(std::isnan(shift.value()));
    const Landmarks rest = at_rest(), near = moved_by(0.05), far = moved_by(0.25);
    Judged face;
    shift.add(face);
    face.mesh_in_hr = &rest;
    for (const Landmarks* moved : {&near, &near, &far}) {
        face.mesh_in_sr = moved;
        shift.add(face);
    }
    EXPECT_NEAR(shift.value(), 0.35 / 3, 1e-5);
    EXPECT_EQ(shift.details()["faces"], 3);
    EXPECT_EQ(shift.details()["missing"], 1);
    EXPECT_NEAR(shift.details()["median"].get<double>(), 0.05, 1e-5);
    EXPECT_NEAR(shift.details()["over_far"].get<double>(), 1.0 / 3, 1e-9);
}

TEST(LandmarkShift, FivePointsAreABug) {
    EXPECT_THROW(landmark_shift(Landmarks(5), Landmarks(5)), Bug);
    EXPECT_THROW(landmark_shift(Landmarks(478), Landmarks(478)), Bug) << "all in one place";
}

}  // namespace
}  // namespace affectsr
