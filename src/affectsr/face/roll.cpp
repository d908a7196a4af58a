#include "affectsr/face/roll.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace affectsr {

std::optional<double> roll_deg(const Landmarks& landmarks_in_photo) {
    const bool five = landmarks_in_photo.size() == 5;
    if (!five || !std::all_of(landmarks_in_photo.begin(), landmarks_in_photo.end(),
                              [](Point p) { return std::isfinite(p.x) && std::isfinite(p.y); }))
        return std::nullopt;
    const Point left = landmarks_in_photo[0], right = landmarks_in_photo[1];
    const double x = static_cast<double>(right.x) - static_cast<double>(left.x);
    const double y = static_cast<double>(right.y) - static_cast<double>(left.y);
    if (x == 0 && y == 0) return std::nullopt;
    return std::atan2(y, x) * 180 / std::numbers::pi;
}

std::optional<double> roll_deg(const FaceCrop& crop) {
    Landmarks in_photo;
    for (const Point& point : crop.landmarks_in_crop) in_photo.push_back(crop.photo_from_crop.apply(point));
    return roll_deg(in_photo);
}

}  // namespace affectsr
