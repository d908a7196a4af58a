// How far a face is turned in the plane of the photo.
#pragma once

#include <optional>

#include "affectsr/face/face.h"

namespace affectsr {

/// Beyond this angle landmarks are not believed, and nobody reads the face (docs/undetermined.md has the figures).
inline constexpr double kMostRollDeg = 60;

/// The angle of the line from the left eye to the right one (image left and right of the upright face) in the photo, in
/// degrees within (−180, 180]: 0 upright, 90 turned clockwise by a quarter. std::nullopt without five finite landmarks,
/// or if both eyes are one point.
std::optional<double> roll_deg(const Landmarks& landmarks_in_photo);
/// The same of a crop's landmarks, seen in the photo.
std::optional<double> roll_deg(const FaceCrop& crop);

}  // namespace affectsr
