// The face that a picture of one person is of.
#pragma once

#include <optional>

#include "affectsr/detect/detector.h"

namespace affectsr {

/// Of the faces that `detector` finds and cut() can cut, the one nearest to the middle of the picture; std::nullopt:
/// there is none. Thread-safe.
std::optional<Face> middle_face(const Image& picture, const Detector& detector);

}  // namespace affectsr
