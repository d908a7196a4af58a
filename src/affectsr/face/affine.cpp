#include "affectsr/face/affine.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

/// A plane that goes on outside.
class Plane {
 public:
    Plane(std::span<const float> values, ImageSize size, double outside)
        : values_(values), size_(size), outside_(outside) {}
    double at(std::int64_t x, std::int64_t y) const {
        if (x < 0 || y < 0 || x >= size_.width || y >= size_.height) return outside_;
        return static_cast<double>(values_[static_cast<std::size_t>(y * size_.width + x)]);
    }
    /// The weighted mean of four neighbours: `right` and `down` are the shares of the later ones, of `whole`.
    double between(std::int64_t x, std::int64_t y, double right, double down, double whole) const {
        return ((whole - right) * (whole - down) * at(x, y) + right * (whole - down) * at(x + 1, y) +
                (whole - right) * down * at(x, y + 1) + right * down * at(x + 1, y + 1)) /
               (whole * whole);
    }

 private:
    std::span<const float> values_;
    ImageSize size_;
    double outside_;
};

// cv::warpAffine (OpenCV 4, imgwarp.cpp) keeps ten binary digits of a position and samples at five of them.
constexpr double kPositionScale = 1024;
constexpr std::int64_t kHalfStep = 16, kDroppedBits = 5, kSteps = 32;

std::int64_t fixed_point(double value) {
    return std::llrint(std::clamp(value * kPositionScale, -2147483648.0, 2147483647.0));
}

}  // namespace

Point Affine::apply(Point p) const {
    const double x = static_cast<double>(p.x), y = static_cast<double>(p.y);
    return {static_cast<float>(m[0] * x + m[1] * y + m[2]), static_cast<float>(m[3] * x + m[4] * y + m[5]), p.z};
}

Affine Affine::inverse() const {
    const double determinant = m[0] * m[4] - m[1] * m[3];
    AFFECTSR_EXPECT(determinant != 0 && std::isfinite(determinant), "an affine map of determinant 0 has no inverse");
    const double d = 1 / determinant;
    const double a = m[4] * d, b = -m[1] * d, c = -m[3] * d, e = m[0] * d;
    return Affine({a, b, -a * m[2] - b * m[5], c, e, -c * m[2] - e * m[5]});
}

std::vector<float> warp_plane(std::span<const float> plane, ImageSize from, const Affine& target_from_source,
                              ImageSize to, BilinearRule rule, double outside, std::array<int, 2> origin) {
    AFFECTSR_EXPECT(static_cast<std::int64_t>(plane.size()) == static_cast<std::int64_t>(from.width) * from.height,
                    "a plane has width times height values");
    const Plane source(plane, from, outside);
    const std::array<double, 6> m = target_from_source.inverse().m;
    std::vector<float> target;
    target.reserve(static_cast<std::size_t>(to.width) * to.height);
    for (int y = origin[1]; y < origin[1] + to.height; ++y) {
        for (int x = origin[0]; x < origin[0] + to.width; ++x) {
            if (rule == BilinearRule::exact) {
                const double sx = m[0] * x + m[1] * y + m[2], sy = m[3] * x + m[4] * y + m[5];
                const double left = std::clamp(std::floor(sx), -1e9, 1e9), top = std::clamp(std::floor(sy), -1e9, 1e9);
                target.push_back(static_cast<float>(source.between(
                    static_cast<std::int64_t>(left), static_cast<std::int64_t>(top), sx - left, sy - top, 1)));
            } else {
                const std::int64_t sx =
                    (fixed_point(m[1] * y + m[2]) + kHalfStep + fixed_point(m[0] * x)) >> kDroppedBits;
                const std::int64_t sy =
                    (fixed_point(m[4] * y + m[5]) + kHalfStep + fixed_point(m[3] * x)) >> kDroppedBits;
                const double value =
                    source.between(sx >> kDroppedBits, sy >> kDroppedBits, static_cast<double>(sx & (kSteps - 1)),
                                   static_cast<double>(sy & (kSteps - 1)), static_cast<double>(kSteps));
                target.push_back(static_cast<float>(rule == BilinearRule::opencv ? std::floor(value + 0.5) : value));
            }
        }
    }
    return target;
}

}  // namespace affectsr
