// The 478-point mesh of a face: which point is what, and which lies opposite.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "affectsr/face/face.h"

namespace affectsr {

/// Points of the mesh: 468 of the skin, then five of each iris.
inline constexpr std::size_t kMeshPoints = 478;
/// The outer corners of the eyes on the image left and right; the distance between them is what errors are measured in.
inline constexpr std::size_t kMeshLeftEyeCorner = 33, kMeshRightEyeCorner = 263;

/// The mesh at rest, looking at the viewer: in centimetres, x to the viewer's right, y down, z away from the viewer,
/// the origin in the head. Source: MediaPipe's canonical_face_model.obj (Apache-2.0), its y and z turned; it has no
/// irises, which are put in the middle of the eyes, 11.7 mm wide.
const std::array<Point, kMeshPoints>& canonical_mesh();

/// For every point the one opposite: what it becomes in a mirrored picture. The nearest point of the mirrored canonical
/// mesh, which is exactly symmetric.
const std::array<std::uint16_t, kMeshPoints>& opposite_in_mesh();

/// Points by what they outline: both eyes' rims, both brows, the lips (outer and inner line), both irises. Source:
/// MediaPipe's face_mesh_connections (Apache-2.0).
std::span<const std::uint16_t> mesh_eyes();
std::span<const std::uint16_t> mesh_brows();
std::span<const std::uint16_t> mesh_lips();
std::span<const std::uint16_t> mesh_irises();

/// The five points of Landmarks that a mesh holds: the middles of the eyes' rims, the nose tip, the corners of the
/// mouth. Throws Bug unless there are 478 points.
Landmarks five_points_of(const Landmarks& mesh);

/// Distance between the outer corners of the eyes in the picture plane. Throws Bug unless there are 478 points.
double eye_distance(const Landmarks& mesh);

/// Gives points of a mirrored picture the names of their new sides: five points or 478, in place. Throws Bug for
/// another number but none.
void exchange_sides(Landmarks& mirrored);

}  // namespace affectsr
