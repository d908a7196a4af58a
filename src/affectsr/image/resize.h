// Changes the size of a picture by the resampling rules that papers and libraries mean when they say "bicubic".
#pragma once

#include <span>
#include <vector>

#include "affectsr/image/image.h"

namespace affectsr {

/// How a picture is resampled. All but `nearest` and `area` are separable kernels with normalised weights.
enum class Filter {
    bicubic,           ///< MATLAB imresize: a = −0.5, antialiased when shrinking, borders mirrored. The papers' rule
    bicubic_torch,     ///< torch interpolate and OpenCV INTER_CUBIC: a = −0.75, no antialiasing, borders repeated
    bicubic_pillow,    ///< Pillow and torch antialias=True: a = −0.5, antialiased, taps outside dropped
    bilinear,          ///< triangle kernel, antialiased when shrinking, borders mirrored
    area,              ///< mean over the covered source area; nearest when enlarging is exact, else box-weighted
    nearest,           ///< source index floor(i · in/out), as OpenCV INTER_NEAREST: no antialiasing
};

/// Resizes a picture; values are rounded half away from zero and clamped to 0–255 once, at the end.
/// Throws UsageError unless both sizes are 1…16384. Thread-safe. Same size with a bicubic filter returns a copy.
Image resize(const Image& image, ImageSize to, Filter filter);

/// One float plane (height × width, row-major) resized without rounding or clamping. `scale_y`, `scale_x`: the scale
/// the kernel uses; 0 means to/from of that axis (they differ where ceil() rounded the size, see imresize).
std::vector<float> resize_plane(std::span<const float> plane, ImageSize from, ImageSize to, Filter filter,
                                double scale_y = 0, double scale_x = 0);

/// imresize's size rule: ceil(n · scale), guarded against 33.0000001.
int scaled_size(int n, double scale);

}  // namespace affectsr
