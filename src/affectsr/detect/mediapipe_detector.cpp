#include "affectsr/detect/mediapipe_detector.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/detect/grouping.h"
#include "affectsr/detect/ladder.h"
#include "affectsr/face/align.h"
#include "affectsr/image/resize.h"

namespace affectsr {

namespace {

constexpr std::size_t kNumbers = 16;                    // of an anchor: centre x, y, width, height, then six points
constexpr double kMostLogit = 100;                      // face_detection.pbtxt: score_clipping_thresh
constexpr double kLeastOverlap = 0.3;                   // …: min_suppression_threshold
constexpr double kMostOverlap = 0.3, kMostCover = 0.8;  // of two faces of different pieces of a photo
// From the middle of the mouth to a corner, in eye distances.
constexpr float kHalfMouth = (kCropTemplate[4].x - kCropTemplate[3].x) / (kCropTemplate[1].x - kCropTemplate[0].x) / 2;

/// Cells of one stride; `times`: anchors a cell.
struct AnchorGrid {
    int stride, times;
};
struct AnchorLayout {
    int input_px;
    std::vector<AnchorGrid> grids;
};

/// What SsdAnchorsCalculator makes of face_detection_short_range, _back and _full_range. Layers of one stride lie in
/// one grid, each with an anchor of its own and one of the scale between it and the next; sizes of anchors are not
/// used.
const std::array<AnchorLayout, 3>& layouts() {
    static const std::array<AnchorLayout, 3> known{
        {{128, {{8, 2}, {16, 6}}}, {256, {{16, 2}, {32, 6}}}, {192, {{4, 1}}}}};
    return known;
}

std::vector<MediapipeAnchor> anchors_of(const AnchorLayout& layout) {
    std::vector<MediapipeAnchor> anchors;
    for (const AnchorGrid& grid : layout.grids) {
        const int cells = layout.input_px / grid.stride;
        for (int y = 0; y < cells; ++y)
            for (int x = 0; x < cells; ++x) {
                const auto middle = [&](int cell) {
                    return (static_cast<float>(cell) + 0.5F) * static_cast<float>(grid.stride);
                };
                anchors.insert(anchors.end(), static_cast<std::size_t>(grid.times), {middle(x), middle(y)});
            }
    }
    return anchors;
}

/// Where a picture lies in the network's input, between black bars.
struct Letterbox {
    ImageSize size;  // of the picture, shrunk or enlarged
    int left, top;
};

Letterbox letterbox_for(ImageSize picture, int input_px) {
    const double scale = static_cast<double>(input_px) / std::max(picture.width, picture.height);
    const auto scaled = [&](int side) { return std::max(1, static_cast<int>(std::lround(side * scale))); };
    const ImageSize size{scaled(picture.width), scaled(picture.height)};
    return {size, (input_px - size.width) / 2, (input_px - size.height) / 2};
}

/// The input of the network: [3, input_px, input_px] in [−1, 1].
std::vector<float> boxed_planes(const Image& picture, const Letterbox& place, int input_px) {
    const Image shown = picture.size() == place.size ? picture : resize(picture, place.size, Filter::bilinear);
    const std::size_t side = static_cast<std::size_t>(input_px), area = side * side;
    std::vector<float> planes(3 * area, -1.0F);
    for (int y = 0; y < shown.height; ++y)
        for (int x = 0; x < shown.width; ++x)
            for (std::size_t c = 0; c < 3; ++c)
                planes[c * area + static_cast<std::size_t>(y + place.top) * side +
                       static_cast<std::size_t>(x + place.left)] =
                    static_cast<float>(shown.pixel(x, y)[c]) / 127.5F - 1;
    return planes;
}

/// The face that an anchor's 16 numbers tell, in pixels of the network's input, all from the edge of the first.
Face face_at(const MediapipeAnchor& anchor, const float* numbers, float score) {
    Face face;
    face.score = score;
    face.box_in_photo = {anchor.x + numbers[0] - numbers[2] / 2, anchor.y + numbers[1] - numbers[3] / 2, numbers[2],
                         numbers[3]};
    const auto point = [&](std::size_t i) {
        return Point{anchor.x + numbers[4 + 2 * i], anchor.y + numbers[5 + 2 * i]};
    };
    const Point left = point(0), right = point(1), nose = point(2), mouth = point(3);
    const float across = kHalfMouth * (right.x - left.x), down = kHalfMouth * (right.y - left.y);
    face.landmarks_in_photo = {
        left, right, nose, {mouth.x - across, mouth.y - down}, {mouth.x + across, mouth.y + down}};
    return face;
}

/// A face in pixels of something larger: moved by (left, top), then scaled. Points still count from the edge.
Face moved(Face face, double left, double top, double scale_x, double scale_y) {
    const auto x = [&](float at) { return static_cast<float>((double{at} + left) * scale_x); };
    const auto y = [&](float at) { return static_cast<float>((double{at} + top) * scale_y); };
    Box& box = face.box_in_photo;
    box = {x(box.x), y(box.y), static_cast<float>(double{box.width} * scale_x),
           static_cast<float>(double{box.height} * scale_y)};
    for (Point& point : face.landmarks_in_photo) point = {x(point.x), y(point.y)};
    return face;
}

Image part_of(const Image& picture, const Tile& tile) {
    Image part(tile.width, tile.height);
    for (int y = 0; y < tile.height; ++y)
        std::copy_n(picture.pixel(tile.left, tile.top + y), 3 * static_cast<std::size_t>(tile.width), part.pixel(0, y));
    return part;
}

const std::string& needed(const std::string& model) {
    if (model.empty())
        throw UsageError("the detector mediapipe needs a file: \"model\": \"face_detection_full_range.tflite\"");
    return model;
}

}  // namespace

MediapipeDetector::MediapipeDetector(const MediapipeDetectorOptions& options)
    : options_(options), player_(needed(options.model)) {
    const auto is = [this](std::size_t output, std::size_t numbers) {
        const std::vector<std::int64_t> wanted{1, static_cast<std::int64_t>(anchors_.size()),
                                               static_cast<std::int64_t>(numbers)};
        return player_.outputs()[output].shape == wanted;
    };
    if (player_.channels() == 3 && player_.size().height == player_.size().width && player_.outputs().size() == 2) {
        for (const AnchorLayout& layout : layouts()) {
            if (layout.input_px != player_.size().width) continue;
            anchors_ = anchors_of(layout);
            if (is(1, kNumbers)) std::swap(places_, scores_);
            if (is(places_, kNumbers) && is(scores_, 1)) return;
        }
    }
    throw ModelError("model_does_not_fit", options.model +
                                               " is none of MediaPipe's face detectors; name a file such as "
                                               "face_detection_full_range.tflite");
}

std::vector<Face> MediapipeDetector::faces_in(const Image& picture) const {
    const int px = player_.size().width;
    const Letterbox place = letterbox_for(picture.size(), px);
    const std::vector<std::vector<float>> answers = player_.run(boxed_planes(picture, place, px));
    std::vector<Face> faces;
    for (std::size_t i = 0; i < anchors_.size(); ++i) {
        const double logit = std::clamp(double{answers[scores_][i]}, -kMostLogit, kMostLogit);
        const double score = 1 / (1 + std::exp(-logit));
        const float* const numbers = answers[places_].data() + kNumbers * i;
        const bool finite =
            std::all_of(numbers, numbers + kNumbers, [](float number) { return std::isfinite(number); });
        if (!(score >= options_.least_score) || !finite || !(numbers[2] > 0) || !(numbers[3] > 0)) continue;
        faces.push_back(moved(face_at(anchors_[i], numbers, static_cast<float>(score)), -place.left, -place.top,
                              static_cast<double>(picture.width) / place.size.width,
                              static_cast<double>(picture.height) / place.size.height));
    }
    return blend_overlaps(std::move(faces), kLeastOverlap);
}

std::vector<Face> MediapipeDetector::detect(const Image& photo) const {
    if (photo.empty()) return {};
    std::vector<Face> faces = faces_in(photo);
    if (options_.tiles) {
        const int px = player_.size().width;
        LadderOptions pieces;
        pieces.margin_px = px / 4, pieces.tile_px = px / 2, pieces.least_side_px = px / 2;
        for (const Level& level : ladder(photo.size(), pieces)) {
            const Image smaller = level.size == photo.size() ? Image() : resize(photo, level.size, Filter::bilinear);
            for (const Tile& tile : level.tiles)
                for (Face& face : faces_in(part_of(smaller.empty() ? photo : smaller, tile))) {
                    const Box& box = face.box_in_photo;
                    if (!tile.owns(tile.left + double{box.x} + double{box.width} / 2,
                                   tile.top + double{box.y} + double{box.height} / 2))
                        continue;
                    faces.push_back(moved(std::move(face), tile.left, tile.top, 1 / level.scale, 1 / level.scale));
                }
        }
        faces = suppress_overlaps(std::move(faces), kMostOverlap, kMostCover);
    }
    for (Face& face : faces)
        for (Point& point : face.landmarks_in_photo) point.x -= 0.5F, point.y -= 0.5F;
    return faces;
}

}  // namespace affectsr
