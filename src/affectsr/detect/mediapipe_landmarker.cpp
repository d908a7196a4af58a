#include "affectsr/detect/mediapipe_landmarker.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"
#include "affectsr/face/warp.h"
#include "affectsr/image/float_planes.h"

namespace affectsr {

namespace {

constexpr std::size_t kMeshPoints = 478, kLeftEyeCorner = 33, kRightEyeCorner = 263;  // the viewer's left and right
constexpr double kSquareOverMesh = 1.5;  // face_landmarks_detector_graph.cc: scale_x, scale_y
// The square that the mesh of a face asks for, in sides of its crop: medians of 450 faces of LFW, UTKFace and the
// London set that were cut by the points of YuNet.
constexpr double kFirstX = 0.5, kFirstY = 0.567, kFirstSide = 1.33;
constexpr int kLeastCropPx = 8;

/// A square that the network is shown, as the way from its pixels into the crop.
Similarity crop_from_square(double centre_x, double centre_y, double side, double angle, int network_px) {
    Similarity way;
    const double scale = side / network_px, middle = (network_px - 1) / 2.0;
    way.a = scale * std::cos(angle), way.b = scale * std::sin(angle);
    way.tx = centre_x - (way.a * middle - way.b * middle);
    way.ty = centre_y - (way.b * middle + way.a * middle);
    return way;
}

/// The square around a mesh. Source: MediaPipe's DetectionsToRectsCalculator and RectTransformationCalculator.
Similarity square_around(const Landmarks& points, int network_px) {
    constexpr double kFar = std::numeric_limits<double>::max();
    double left = kFar, top = kFar, right = -kFar, bottom = -kFar;
    for (const Point& point : points) {
        left = std::min(left, double{point.x}), right = std::max(right, double{point.x});
        top = std::min(top, double{point.y}), bottom = std::max(bottom, double{point.y});
    }
    const Point &from = points[kLeftEyeCorner], &to = points[kRightEyeCorner];
    const double angle = std::atan2(double{to.y} - double{from.y}, double{to.x} - double{from.x});
    const double side = kSquareOverMesh * std::max(right - left, bottom - top);
    return crop_from_square((left + right) / 2, (top + bottom) / 2, side, angle, network_px);
}

/// The file of options that must name one.
const std::string& needed(const std::string& model) {
    if (model.empty())
        throw UsageError("the landmarker mediapipe needs a file: \"model\": \"face_landmarks_detector.tflite\"");
    return model;
}

}  // namespace

MediapipeLandmarker::MediapipeLandmarker(const MediapipeLandmarkerOptions& options)
    : passes_(options.passes), player_(needed(options.model)) {
    const auto count = [this](std::size_t output) {
        std::int64_t numbers = 1;
        for (const std::int64_t side : player_.outputs()[output].shape) numbers *= side;
        return numbers;
    };
    if (player_.channels() != 3 || player_.size().width != player_.size().height || player_.outputs().size() < 2 ||
        count(0) != std::int64_t{3 * kMeshPoints} || count(1) != 1)
        throw ModelError("model_does_not_fit", options.model +
                                                   " does not answer with 478 points and one number to a square "
                                                   "picture; name MediaPipe's face_landmarks_detector.tflite");
}

LandmarkedFace MediapipeLandmarker::locate(const Image& picture, const Similarity& picture_from_crop,
                                           int crop_px) const {
    const int px = player_.size().width;
    const double side = crop_px;
    Similarity way = compose(picture_from_crop,
                             crop_from_square(kFirstX * side - 0.5, kFirstY * side - 0.5, kFirstSide * side, 0, px));
    std::vector<float> planes(3 * static_cast<std::size_t>(px) * static_cast<std::size_t>(px));
    LandmarkedFace face;
    for (int pass = 0; pass < passes_; ++pass) {
        write_planes(warp(picture, way, {px, px}), 3, planes);
        const std::vector<std::vector<float>> answers = player_.run(planes);
        Landmarks points(kMeshPoints);
        bool finite = true;
        for (std::size_t i = 0; i < kMeshPoints; ++i) {
            const float* const at = answers[0].data() + 3 * i;
            // The network counts from the edge of its first pixel.
            points[i] = way.apply({at[0] - 0.5F, at[1] - 0.5F, at[2]});
            finite = finite && std::isfinite(points[i].x + points[i].y + points[i].z);
        }
        if (!finite) break;  // a picture of nothing: what the pass before it said stays
        face.landmarks_in_crop = std::move(points);
        face.face_score = static_cast<float>(1 / (1 + std::exp(-double{answers[1][0]})));
        if (!(face.face_score >= 0)) face.face_score = 0;
        way = square_around(face.landmarks_in_crop, px);
        if (!(way.scale() > 0)) break;
    }
    if (face.landmarks_in_crop.empty()) face.landmarks_in_crop.resize(kMeshPoints);
    return face;
}

std::vector<LandmarkedFace> MediapipeLandmarker::locate_all(std::span<const FaceCrop> crops) const {
    std::vector<LandmarkedFace> faces;
    faces.reserve(crops.size());
    for (const FaceCrop& crop : crops) {
        const int px = std::min(crop.pixels.width, crop.pixels.height);
        AFFECTSR_EXPECT(px >= kLeastCropPx, "a landmarker needs a crop of 8 px or more");
        faces.push_back(locate(crop.pixels, Similarity{}, px));
    }
    return faces;
}

LandmarkedFace MediapipeLandmarker::locate_in(const Image& photo, const Face& face) const {
    return locate(photo, cut(photo, face, kLeastCropPx).photo_from_crop, kLeastCropPx);
}

}  // namespace affectsr
