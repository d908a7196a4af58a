// Pictures ↔ planes of floats: the only place where bytes become a network's numbers.
#pragma once

#include <span>

#include "affectsr/image/image.h"

namespace affectsr {

/// Writes a picture as [channels, height, width] in [0, 1]: red, green and blue, or with `channels` 1 BT.601 luma.
/// Throws Bug for an empty picture, another number of channels or a span of another length. Thread-safe.
void write_planes(const Image& picture, int channels, std::span<float> planes);

/// Writes the part of a picture that begins at `left`, `top` as [3, height, width] of `filled` in [0, 1]; beyond the
/// part's `size` its last row and column are repeated. Throws Bug for a part that is empty, reaches out of the picture
/// or is larger than `filled`, or a span of another length. Thread-safe.
void write_part_planes(const Image& picture, int left, int top, ImageSize size, ImageSize filled,
                       std::span<float> planes);

/// [channels, height, width] in [0, 1], 3 colours or 1 luma → picture; values are clamped and rounded half up, NaN
/// becomes 0. Throws Bug as write_planes. Thread-safe.
Image picture_of(std::span<const float> planes, int channels, ImageSize size);

}  // namespace affectsr
