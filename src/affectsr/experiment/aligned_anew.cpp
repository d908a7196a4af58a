#include "affectsr/experiment/aligned_anew.h"

#include <optional>
#include <vector>

#include "affectsr/base/error.h"
#include "affectsr/face/lmeds.h"
#include "affectsr/face/warp.h"

namespace affectsr {

namespace {

/// Pixels of a picture of `width` px that shows the square of a crop of `crop_px`, of pixels of that crop.
Similarity picture_from_crop(int width, int crop_px) {
    const double times = static_cast<double>(width) / crop_px;
    return {times, 0, (times - 1) / 2, (times - 1) / 2};
}

}  // namespace

void align_anew(std::span<Restored> restored, std::span<const FaceCrop> crops, const PointFinder& points,
                const CropTemplate& framing) {
    constexpr int kFive = 5;
    AFFECTSR_EXPECT(restored.size() == crops.size(), "every restored picture is of a crop");
    const std::vector<Landmarks> found = points.find_all(crops, kFive);
    for (std::size_t i = 0; i < restored.size(); ++i) {
        Restored& one = restored[i];
        if (one.picture.empty()) continue;
        const int px = one.picture.width;
        Landmarks five = found[i];
        for (Point& point : five) point = picture_from_crop(px, crops[i].pixels.width).apply(point);
        const std::optional<Similarity> framed_from_picture =
            fit_similarity_lmeds(five, framing.points_at(px));  // nothing without points
        if (framed_from_picture && framed_from_picture->scale() > 0)
            one.picture = warp(one.picture, framed_from_picture->inverse(), {px, px});
        else if (one.reason.empty())
            one.reason = "unsure_landmarks";
    }
}

}  // namespace affectsr
