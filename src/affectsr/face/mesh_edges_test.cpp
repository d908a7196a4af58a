#include "affectsr/face/mesh_edges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "affectsr/face/mesh.h"

namespace affectsr {
namespace {

std::set<std::uint16_t> ends_of(std::span<const MeshEdge> edges) {
    std::set<std::uint16_t> ends;
    for (const MeshEdge& edge : edges) ends.insert({edge.a, edge.b});
    return ends;
}

std::set<std::uint16_t> points(std::span<const std::uint16_t> named) {
    return {named.begin(), named.end()};
}

TEST(MeshEdges, OutlineWhatTheMeshNames) {
    std::set<std::uint16_t> eyes = points(mesh_eyes());
    for (const std::uint16_t iris : mesh_irises())
        if (iris != 468 && iris != 473) eyes.insert(iris);  // their middles have no edge
    EXPECT_EQ(ends_of(eye_edges()), eyes);
    EXPECT_EQ(ends_of(brow_edges()), points(mesh_brows()));
    EXPECT_EQ(ends_of(lip_edges()), points(mesh_lips()));
    EXPECT_EQ(ends_of(oval_edges()).size(), 36U);
    EXPECT_EQ(ends_of(cheek_edges()).size(), 74U);
}

TEST(MeshEdges, AreDifferentAndSymmetric) {
    const std::vector<MeshEdge> all = expression_edges();
    const std::set<MeshEdge> once(all.begin(), all.end());
    EXPECT_EQ(once.size(), 294U);
    EXPECT_EQ(all.size(), once.size());
    EXPECT_EQ(ends_of(all).size(), 210U);
    for (const MeshEdge& edge : all) {
        const auto [a, b] = std::minmax(opposite_in_mesh()[edge.a], opposite_in_mesh()[edge.b]);
        EXPECT_TRUE(once.contains({a, b})) << edge.a << "–" << edge.b;
    }
}

TEST(MeshEdges, JoinNeighbours) {
    for (const MeshEdge& edge : expression_edges()) {
        ASSERT_LT(edge.a, edge.b);
        ASSERT_LT(edge.b, kMeshPoints);
        const Point a = canonical_mesh()[edge.a], b = canonical_mesh()[edge.b];
        EXPECT_LT(std::hypot(a.x - b.x, a.y - b.y, a.z - b.z), 3.5F) << edge.a << "–" << edge.b << ", in centimetres";
    }
}

}  // namespace
}  // namespace affectsr
