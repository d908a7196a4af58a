#include "affectsr/face/mesh.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

Landmarks canonical() {
    return {canonical_mesh().begin(), canonical_mesh().end()};
}

TEST(Mesh, OppositePointsAreMirrorImages) {
    int on_the_middle = 0;
    for (std::size_t i = 0; i < kMeshPoints; ++i) {
        const std::size_t other = opposite_in_mesh()[i];
        EXPECT_EQ(opposite_in_mesh()[other], i);
        on_the_middle += other == i;
        const Point a = canonical_mesh()[i], b = canonical_mesh()[other];
        EXPECT_NEAR(a.x, -b.x, 1e-6) << i;
        EXPECT_NEAR(a.y, b.y, 1e-6) << i;
        EXPECT_NEAR(a.z, b.z, 1e-6) << i;
    }
    EXPECT_EQ(on_the_middle, 28);
    EXPECT_EQ(opposite_in_mesh()[kMeshLeftEyeCorner], kMeshRightEyeCorner);
}

TEST(Mesh, ItsFivePointsAreWhereTheirNamesSay) {
    const Landmarks five = five_points_of(canonical());
    ASSERT_EQ(five.size(), 5U);
    EXPECT_LT(five[0].x, 0) << "the viewer's left";
    EXPECT_FLOAT_EQ(five[1].x, -five[0].x);
    EXPECT_GT(five[2].y, five[0].y) << "y points down";
    EXPECT_GT(five[3].y, five[2].y);
    EXPECT_LT(five[3].x, five[4].x);
    EXPECT_LT(five[2].z, five[0].z) << "the nose is nearer to the viewer";
}

TEST(Mesh, TheEyesAreNineCentimetresApartAtTheirOuterCorners) {
    EXPECT_NEAR(eye_distance(canonical()), 8.892, 1e-3);
    EXPECT_THROW(eye_distance(Landmarks(5)), Bug);
}

TEST(Mesh, RegionsLieWhereTheyBelong) {
    for (const std::uint16_t i : mesh_lips()) EXPECT_GT(canonical_mesh()[i].y, 2);
    for (const std::uint16_t i : mesh_brows()) EXPECT_LT(canonical_mesh()[i].y, -3);
    for (const std::uint16_t i : mesh_eyes()) EXPECT_NEAR(canonical_mesh()[i].y, -2.6, 0.8);
    for (const std::uint16_t i : mesh_irises()) EXPECT_NEAR(std::abs(canonical_mesh()[i].x), 3.16, 0.6);
}

TEST(Mesh, SidesAreExchangedAfterMirroring) {
    Landmarks mirrored = canonical();
    for (Point& point : mirrored) point.x = -point.x;
    exchange_sides(mirrored);
    for (std::size_t i = 0; i < kMeshPoints; ++i) EXPECT_NEAR(mirrored[i].x, canonical_mesh()[i].x, 1e-6) << i;
    Landmarks five{{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}};
    exchange_sides(five);
    EXPECT_EQ(five[0].x, 2);
    EXPECT_EQ(five[4].x, 4);
    Landmarks none, three(3);
    EXPECT_NO_THROW(exchange_sides(none));
    EXPECT_THROW(exchange_sides(three), Bug);
}

}  // namespace
}  // namespace affectsr
