// Edges of the 478-point mesh by what they outline: the graph that a face's expression is read from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace affectsr {

/// Two points of the mesh that are neighbours; the smaller index first.
struct MeshEdge {
    std::uint16_t a = 0, b = 0;
    auto operator<=>(const MeshEdge&) const = default;
};

/// Both eyes' rims with the irises; both brows; outer and inner line of the lips; the outline of the face. Source:
/// MediaPipe's face_mesh_connections (Apache-2.0).
std::span<const MeshEdge> eye_edges();
std::span<const MeshEdge> brow_edges();
std::span<const MeshEdge> lip_edges();
std::span<const MeshEdge> oval_edges();
/// Edges of MediaPipe's tesselation between the 37 points of each cheek. MediaPipe names no cheeks: they are those
/// points of the canonical mesh between eyes, nose, mouth and outline.
std::span<const MeshEdge> cheek_edges();

/// All of these: 294 edges between 210 points, symmetric under opposite_in_mesh().
std::vector<MeshEdge> expression_edges();

}  // namespace affectsr
