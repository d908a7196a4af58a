// How the grey levels of a small picture are spread: whether it shows anything, and whether it was drawn.
#pragma once

#include "affectsr/image/image.h"

namespace affectsr {

/// Standard deviation of the luma in grey levels, 0–127.5. Throws Bug if `picture` is empty.
double luma_deviation(const Image& picture);

/// Whether nearly all of a picture's contrast lies in contours, and areas of one colour between them, as in a drawn
/// face: the median of the local contrast (the largest difference of a channel between a pixel and its right or lower
/// neighbour) is below 0.08 of its 95th percentile, which is at least 40 levels. A photographed face has shading
/// everywhere. Measured on faces of 12–48 px, cut by cut(); docs/undetermined.md has the figures. Pictures of fewer
/// than 3 × 3 px: false. Thread-safe.
bool looks_drawn(const Image& picture);

}  // namespace affectsr
