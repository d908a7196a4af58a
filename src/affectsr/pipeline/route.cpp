#include "affectsr/pipeline/route.h"

#include <algorithm>
#include <cmath>

namespace affectsr {

namespace {

constexpr float kLeastContrast = 6;

}  // namespace

Route route(double side_px, double least_px, int input_px) {
    if (!std::isfinite(side_px) || side_px < least_px || side_px < 1) return {Road::undetermined, 0, "too_small"};
    const double whole_px = std::round(side_px);
    if (whole_px >= input_px) return {Road::direct, input_px, ""};
    return {Road::enlarged, static_cast<int>(whole_px), ""};
}

bool is_constant(const Image& crop) {
    const std::vector<float> grey = luma(crop);
    if (grey.empty()) return true;
    const auto [least, most] = std::minmax_element(grey.begin(), grey.end());
    return *most - *least < kLeastContrast;
}

}  // namespace affectsr
