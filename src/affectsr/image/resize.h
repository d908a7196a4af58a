// Changes the size of a picture by the resampling rules that papers and libraries mean when they say "bicubic".
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "affectsr/image/image.h"

namespace affectsr {

/// How a picture is resampled. All but `nearest` and `area` are separable kernels with normalised weights.
enum class Filter {
    bicubic,         ///< MATLAB imresize: a = −0.5, antialiased when shrinking, borders mirrored. The papers' rule
    bicubic_torch,   ///< torch interpolate and OpenCV INTER_CUBIC: a = −0.75, no antialiasing, borders repeated
    bicubic_pillow,  ///< Pillow and torch antialias=True: a = −0.5, antialiased, taps outside dropped
    bilinear,        ///< triangle kernel, antialiased when shrinking, borders mirrored
    area,            ///< mean over the covered source area; nearest when enlarging is exact, else box-weighted
    nearest,         ///< source index floor(i · in/out), as OpenCV INTER_NEAREST: no antialiasing
};

/// The rule behind a filter, for the comparisons that need another one: how output sample i of an axis is made.
struct Resampling {
    enum class Kernel {
        cubic,     ///< Keys 1981, eq. 4, with free parameter `cubic_a`
        triangle,  ///< 1 − |t|
        area,      ///< share of each source sample in the stretch that the output sample covers
        nearest,   ///< one source sample
    };
    enum class Border {
        mirror,  ///< … 1 0 | 0 1 … n−1 | n−1 n−2 …, the edge sample twice, as MATLAB
        repeat,  ///< the edge sample again and again
        drop,    ///< taps outside count nothing, the others are normalised again
    };
    Kernel kernel = Kernel::cubic;
    double cubic_a = -0.5;  ///< −0.5 or −0.75; only for `cubic`
    bool antialias = true;  ///< widen the kernel by 1/scale when shrinking; only for `cubic` and `triangle`
    Border border = Border::mirror;
    bool align_corners = false;  ///< first and last samples lie on each other instead of the outer edges
};

/// The rule of a filter; its comment in Filter says which.
Resampling resampling_of(Filter filter);

/// The source samples that each output sample of one axis is made of, and their weights.
struct AxisTaps {
    int taps = 0;            ///< weights per output sample
    std::vector<int> first;  ///< [to] source index of the first weight; can lie outside where the border is mirrored
    std::vector<double> weight;  ///< [to, taps] row-major, each row sums to 1
};

/// The taps of one axis. `scale`: what the kernel uses; 0 means to/from. Throws UsageError unless both sizes are
/// 1…65536 and the scale 1/65536…65536.
AxisTaps axis_taps(int from, int to, const Resampling& rule, double scale = 0);

/// Resizes a picture; values are rounded half away from zero and clamped to 0–255 once, at the end.
/// Throws UsageError unless both sizes are 1…16384. Thread-safe. Same size with a bicubic filter returns a copy.
Image resize(const Image& image, ImageSize to, Filter filter);
/// The same by any rule. `scale_y`, `scale_x` as in resize_plane.
Image resize(const Image& image, ImageSize to, const Resampling& rule, double scale_y = 0, double scale_x = 0);

/// One float plane (height × width, row-major) resized without rounding or clamping. `scale_y`, `scale_x`: the scale
/// the kernel uses; 0 means to/from of that axis (they differ where ceil() rounded the size, see imresize).
std::vector<float> resize_plane(std::span<const float> plane, ImageSize from, ImageSize to, Filter filter,
                                double scale_y = 0, double scale_x = 0);
/// The same by any rule.
std::vector<float> resize_plane(std::span<const float> plane, ImageSize from, ImageSize to, const Resampling& rule,
                                double scale_y = 0, double scale_x = 0);

/// imresize's size rule: ceil(n · scale), guarded against 33.0000001.
int scaled_size(int n, double scale);

}  // namespace affectsr
