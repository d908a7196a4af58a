#include "affectsr/detect/network_landmarker.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/engine/threads.h"
#include "affectsr/face/mesh.h"
#include "affectsr/image/float_planes.h"
#include "affectsr/image/resize.h"
#include "affectsr/plan/fit.h"
#include "affectsr/plan/precision.h"

namespace affectsr {

namespace {

constexpr std::size_t kAtOnce = 16;  // more do not make a face cheaper
constexpr int kLeastPx = 8;
constexpr float kHugeError = 1e3F;  // of a network whose numbers are none

/// The points of one picture, in pixels of a crop of `crop_px`.
Landmarks points_in_crop(std::span<const float> numbers, int input_px, int crop_px) {
    const double scale = static_cast<double>(crop_px) / input_px;
    const auto place = [scale](float at) { return static_cast<float>((double{at} + 0.5) * scale - 0.5); };
    Landmarks points;
    for (std::size_t i = 0; i < numbers.size(); i += 3)
        points.push_back(
            {place(numbers[i]), place(numbers[i + 1]), static_cast<float>(double{numbers[i + 2]} * scale)});
    return points;
}

}  // namespace

NetworkLandmarker::NetworkLandmarker(const LandmarkNetwork& network, const ModelFile& file,
                                     const NetworkLandmarkerOptions& options, const std::string& where)
    : input_px_(network.input_px),
      engine_(network.plan, fitting(network.plan, file.tensors, where), precision_from(options.precision)) {}

void NetworkLandmarker::locate(std::span<const FaceCrop> crops, std::span<LandmarkedFace> faces) const {
    const std::size_t count = crops.size(), numbers = 3 * kMeshPoints,
                      area = static_cast<std::size_t>(input_px_) * static_cast<std::size_t>(input_px_);
    std::vector<float> planes(count * 3 * area), points(count * numbers), error(count), face(count);
    for (std::size_t i = 0; i < count; ++i) {
        AFFECTSR_EXPECT(crops[i].pixels.width >= kLeastPx && crops[i].pixels.width == crops[i].pixels.height,
                        "a crop whose points are looked for is a square of at least 8 px");
        write_planes(resize(crops[i].pixels, {input_px_, input_px_}, Filter::bicubic), 3,
                     std::span(planes).subspan(i * 3 * area, 3 * area));
    }
    engine_.run({static_cast<int>(count), input_px_, input_px_}, planes,
                {{"points", points}, {"error", error}, {"face", face}},
                threads_for(static_cast<std::int64_t>(count) * engine_.plan().flops(input_px_, input_px_)));
    for (std::size_t i = 0; i < count; ++i) {
        LandmarkedFace& one = faces[i];
        one.landmarks_in_crop =
            points_in_crop(std::span(points).subspan(i * numbers, numbers), input_px_, crops[i].pixels.width);
        const bool finite = std::all_of(one.landmarks_in_crop.begin(), one.landmarks_in_crop.end(),
                                        [](const Point& p) { return std::isfinite(p.x + p.y + p.z); });
        one.face_score = finite && std::isfinite(face[i]) ? 1 / (1 + std::exp(-face[i])) : 0;
        const float expected = std::exp(error[i]);
        one.expected_error = finite && expected < kHugeError ? expected : kHugeError;
    }
}

std::vector<LandmarkedFace> NetworkLandmarker::locate_all(std::span<const FaceCrop> crops) const {
    std::vector<LandmarkedFace> faces(crops.size());
    for (std::size_t first = 0; first < crops.size(); first += kAtOnce) {
        const std::size_t count = std::min(kAtOnce, crops.size() - first);
        locate(crops.subspan(first, count), std::span(faces).subspan(first, count));
    }
    return faces;
}

}  // namespace affectsr
