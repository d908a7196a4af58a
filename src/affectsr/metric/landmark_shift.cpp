#include "affectsr/metric/landmark_shift.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "affectsr/face/mesh.h"

namespace affectsr {

double landmark_shift(const Landmarks& moved, const Landmarks& from, std::span<const std::uint16_t> which) {
    const double eyes = eye_distance(from);
    AFFECTSR_EXPECT(moved.size() == from.size() && eyes > 0, "478 points each, and two eyes");
    double sum = 0;
    const std::size_t count = which.empty() ? from.size() : which.size();
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t point = which.empty() ? i : which[i];
        sum +=
            std::hypot(double{moved[point].x} - double{from[point].x}, double{moved[point].y} - double{from[point].y});
    }
    return sum / static_cast<double>(count) / eyes;
}

MetricCard LandmarkShift::card() const {
    return {.name = "landmark_shift",
            .unit = "eye distances",
            .source = "mean distance of 478 points over that of the outer eye corners",
            .higher_is_better = false,
            .needs_meshes = true};
}

void LandmarkShift::add(const Judged& face) {
    if (face.mesh_in_hr == nullptr || face.mesh_in_sr == nullptr)
        ++missing_;
    else
        shifts_.push_back(landmark_shift(*face.mesh_in_sr, *face.mesh_in_hr));
}

double LandmarkShift::value() const {
    if (shifts_.empty()) return std::numeric_limits<double>::quiet_NaN();
    return std::accumulate(shifts_.begin(), shifts_.end(), 0.0) / static_cast<double>(shifts_.size());
}

Json LandmarkShift::details() const {
    Json told{{"faces", shifts_.size()},
              {"missing", missing_},
              {"median", nullptr},
              {"largest", nullptr},
              {"over_far", nullptr}};
    if (shifts_.empty()) return told;
    std::vector<double> sorted = shifts_;
    std::sort(sorted.begin(), sorted.end());
    told["median"] = (sorted[sorted.size() / 2] + sorted[(sorted.size() - 1) / 2]) / 2;
    told["largest"] = sorted.back();
    const auto over = std::count_if(sorted.begin(), sorted.end(), [&](double shift) { return shift > options_.far; });
    told["over_far"] = static_cast<double>(over) / static_cast<double>(sorted.size());
    return told;
}

}  // namespace affectsr
