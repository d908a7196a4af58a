// Landmark shift: how far the points of a face moved.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "affectsr/metric/metric.h"

namespace affectsr {

/// Mean distance, in the picture plane, of the points that `which` names (empty: all) from where `from` has them, over
/// the distance of the outer eye corners (points 33 and 263) of `from`. Throws Bug unless both are of 478 points and
/// the eyes of `from` are apart.
double landmark_shift(const Landmarks& moved, const Landmarks& from, std::span<const std::uint16_t> which = {});

struct LandmarkShiftOptions {
    double far = 0.1;  ///< a shift above this is told as far
    void fields(auto&& f) { f("far", far, "eye distances above which a face has moved far", Range{0, 10}); }
};

/// Mean landmark_shift of the restored faces from the originals, over faces.
class LandmarkShift : public Metric {
 public:
    explicit LandmarkShift(const LandmarkShiftOptions& options) : options_(options) {}
    MetricCard card() const override;
    /// A face without points in one of the pictures is only counted.
    void add(const Judged& face) override;
    double value() const override;
    /// "faces", "missing", "median", "largest", "over_far" (share).
    Json details() const override;

 private:
    LandmarkShiftOptions options_;
    std::vector<double> shifts_;
    std::int64_t missing_ = 0;
};

}  // namespace affectsr
