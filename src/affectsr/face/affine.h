// Affine maps of a picture as published face aligners apply them: bilinear between four pixels, black outside.
//
// cut() samples better than this; networks whose training faces were aligned this way are asked with their own rule.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "affectsr/face/face.h"

namespace affectsr {

/// target = [m0 m1 m2; m3 m4 m5] · (x, y, 1), positions in pixels (pixel centres at integers).
struct Affine {
    std::array<double, 6> m{1, 0, 0, 0, 1, 0};

    Affine() = default;
    explicit Affine(const std::array<double, 6>& rows) : m(rows) {}
    explicit Affine(const Similarity& s) : m{s.a, -s.b, s.tx, s.b, s.a, s.ty} {}
    Point apply(Point p) const;
    /// Throws Bug if the map flattens the picture. The order of operations is OpenCV's, for equal rounding.
    Affine inverse() const;
};

enum class BilinearRule {
    exact,   ///< double precision, not rounded
    opencv,  ///< cv::warpAffine on 8-bit pictures: positions rounded to 1/32 px, fixed-point weights, whole values
    opencv_float,  ///< cv::warpAffine on pictures of floats: the same positions, values not rounded
};

/// One plane (height × width, row-major, values 0–255) moved by the map. With BilinearRule::opencv the plane's values
/// must be whole and the result equals cv::warpAffine (INTER_LINEAR, BORDER_CONSTANT) of OpenCV 4 exactly. Beyond its
/// border the plane has the value `outside`. `origin`: only the part of the target that begins there (x, y) and is `to`
/// large. Throws Bug if the plane has not from.width · from.height values. Thread-safe.
std::vector<float> warp_plane(std::span<const float> plane, ImageSize from, const Affine& target_from_source,
                              ImageSize to, BilinearRule rule, double outside = 0, std::array<int, 2> origin = {0, 0});

}  // namespace affectsr
