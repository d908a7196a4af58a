#include "affectsr/detect/landmarker.h"

#include <algorithm>
#include <cmath>

#include "affectsr/face/align.h"

namespace affectsr {

namespace {

// Of a crop that is cut for a landmarker: as the photo has them, but enough for its network and not more than it sees.
constexpr double kLeastCropPx = 128, kMostCropPx = 512;

}  // namespace

LandmarkedFace Landmarker::locate_in(const Image& photo, const Face& face) const {
    const double side = std::clamp(crop_side_px(face), kLeastCropPx, kMostCropPx);
    const FaceCrop crop = cut(photo, face, static_cast<int>(std::lround(side)));
    LandmarkedFace located = locate_all(std::span(&crop, 1)).front();
    for (Point& point : located.landmarks_in_crop) point = crop.photo_from_crop.apply(point);
    return located;
}

}  // namespace affectsr
