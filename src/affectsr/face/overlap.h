// How far two boxes are the same.
#pragma once

#include "affectsr/face/face.h"

namespace affectsr {

/// Intersection over union of two boxes, 0–1.
double overlap_of(const Box& a, const Box& b);
/// Intersection over the smaller box, 0–1: 1 where one lies inside the other.
double cover_of(const Box& a, const Box& b);

}  // namespace affectsr
