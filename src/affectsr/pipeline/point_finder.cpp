#include "affectsr/pipeline/point_finder.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"
#include "affectsr/face/mesh.h"

namespace affectsr {

namespace {

constexpr int kMeshCount = static_cast<int>(kMeshPoints), kFiveCount = 5;
constexpr int kLeastPx = 8;    // what a landmarker takes
constexpr int kLookAgain = 3;  // times
constexpr int kFramedPx = 64;  // of a crop that is looked at again: what landmark_net sees

// A face that fills its crop by more or less, or lies further from its middle (in sides), is looked at again. What
// detectors give stays within.
constexpr double kMostZoom = 1 / 0.85, kMostOffCentre = 0.1;

bool can_be_seen(const FaceCrop& crop) {
    return crop.pixels.width == crop.pixels.height && crop.pixels.width >= kLeastPx;
}

bool finite(const Landmarks& points) {
    return std::all_of(points.begin(), points.end(), [](const Point& p) { return std::isfinite(p.x + p.y + p.z); });
}

/// The face that a mesh is of, as a detector would report it.
Face face_of(const Landmarks& mesh) {
    float left = mesh[0].x, right = left, top = mesh[0].y, bottom = top;
    for (const Point& p : mesh) {
        left = std::min(left, p.x), right = std::max(right, p.x);
        top = std::min(top, p.y), bottom = std::max(bottom, p.y);
    }
    return {{left, top, right - left, bottom - top}, five_points_of(mesh), 1};
}

/// Whether `shown`, the square that was looked at (from the unit square), frames these points as cut() does.
bool is_framed(const Similarity& shown, const Landmarks& five) {
    const std::optional<Similarity> unit_from_points = fit_similarity(five, kCropTemplate);
    if (!unit_from_points || !(unit_from_points->scale() > 0)) return true;  // nothing better is known
    const Similarity frame = unit_from_points->inverse();
    const Point is = shown.apply({0.5F, 0.5F}), should = frame.apply({0.5F, 0.5F});
    const double zoom = frame.scale() / shown.scale();
    const double off = std::hypot(double{is.x} - double{should.x}, double{is.y} - double{should.y}) / shown.scale();
    return zoom < kMostZoom && zoom > 1 / kMostZoom && off < kMostOffCentre;
}

}  // namespace

PointFinder::PointFinder(std::shared_ptr<const Landmarker> landmarker, double least_score)
    : landmarker_(std::move(landmarker)), least_score_(static_cast<float>(least_score)) {
    AFFECTSR_EXPECT(landmarker_ != nullptr, "a point finder has a landmarker");
}

bool PointFinder::gives(int landmarks) const {
    return landmarker_->landmarks() == kMeshCount && (landmarks == kMeshCount || landmarks == kFiveCount);
}

LandmarkedFace PointFinder::framed(const FaceCrop& crop, LandmarkedFace seen) const {
    const double side = crop.pixels.width;
    Similarity shown{side, 0, -0.5, -0.5};  // crop from unit square
    for (int look = 0; look < kLookAgain && finite(seen.landmarks_in_crop); ++look) {
        const Face face = face_of(seen.landmarks_in_crop);
        if (is_framed(shown, face.landmarks_in_photo) || crop_side_px(face) == 0) break;
        const FaceCrop closer = cut(crop.pixels, face, kFramedPx);
        seen = landmarker_->locate_all(std::span(&closer, 1)).front();
        for (Point& point : seen.landmarks_in_crop) point = closer.photo_from_crop.apply(point);
        shown = compose(closer.photo_from_crop, Similarity{kFramedPx, 0, -0.5, -0.5});
    }
    return seen;
}

std::vector<Landmarks> PointFinder::find_all(std::span<const FaceCrop> crops, int landmarks) const {
    AFFECTSR_EXPECT(gives(landmarks), "the landmarker gives as many points as are asked for");
    std::vector<Landmarks> found(crops.size());
    std::vector<FaceCrop> asked;
    std::vector<std::size_t> asked_for;
    for (std::size_t i = 0; i < crops.size(); ++i) {
        if (!can_be_seen(crops[i])) continue;
        asked.push_back(crops[i]);
        asked_for.push_back(i);
    }
    if (asked.empty()) return found;
    std::vector<LandmarkedFace> seen = landmarker_->locate_all(asked);
    for (std::size_t k = 0; k < asked.size(); ++k) {
        LandmarkedFace face = framed(asked[k], std::move(seen[k]));
        if (face.face_score < least_score_ || !finite(face.landmarks_in_crop)) continue;
        found[asked_for[k]] =
            landmarks == kFiveCount ? five_points_of(face.landmarks_in_crop) : std::move(face.landmarks_in_crop);
    }
    return found;
}

}  // namespace affectsr
