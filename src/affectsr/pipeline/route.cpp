#include "affectsr/pipeline/route.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "affectsr/face/contrast.h"
#include "affectsr/face/roll.h"

namespace affectsr {

namespace {

constexpr double kLeastDeviation = 2;

}  // namespace

const char* name_of(Road road) {
    switch (road) {
        case Road::direct:
            return "direct";
        case Road::enlarged:
            return "enlarged";
        case Road::undetermined:
            break;
    }
    return "undetermined";
}

double native_px(const FaceCrop& crop) {
    const double side = std::min(crop.pixels.width, crop.pixels.height);
    return std::min(side, std::round(side * crop.photo_from_crop.scale()));
}

Route route_of(const FaceCrop& crop, int input_px, double least_face_px, bool detected) {
    const bool box_known = crop.face_in_photo_px != 0 || crop.pixels.empty();
    const double face_px = box_known ? static_cast<double>(crop.face_in_photo_px) : native_px(crop);
    if (face_px < least_face_px) return {Road::undetermined, "too_small"};
    if (crop.pixels.empty() || !std::isfinite(face_px)) return {Road::undetermined, "not_finite"};
    if (luma_deviation(crop.pixels) < kLeastDeviation) return {Road::undetermined, "constant"};
    const std::optional<double> roll = roll_deg(crop);
    if (roll && std::abs(*roll) > kMostRollDeg) return {Road::undetermined, "turned"};
    if (detected && looks_drawn(crop.pixels)) return {Road::undetermined, "not_a_face"};
    if (native_px(crop) >= input_px) return {Road::direct, "large_enough"};
    return {Road::enlarged, "small"};
}

}  // namespace affectsr
