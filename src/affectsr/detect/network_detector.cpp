#include "affectsr/detect/network_detector.h"

#include <algorithm>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/detect/grouping.h"
#include "affectsr/engine/threads.h"
#include "affectsr/image/float_planes.h"
#include "affectsr/image/resize.h"
#include "affectsr/plan/fit.h"
#include "affectsr/plan/precision.h"

namespace affectsr {

namespace {

constexpr std::size_t kChannels = 3;
constexpr std::size_t kAnswers = 16;  // numbers of a cell: two scores, a box, five points
constexpr double kLeastSeenPx = 12;   // of a face on the finest level, where smaller ones are not wanted
constexpr double kMostOverlap = 0.3, kMostCover = 0.8;  // of two faces that are both kept

int filled_up(int side, int multiple) {
    return (side + multiple - 1) / multiple * multiple;
}

/// Numbers in and out of the network, kept by their thread: fresh memory for every photo would cost as much as a tenth
/// of the search.
struct Workspace {
    std::vector<float> planes, values;
};

Workspace& workspace() {
    thread_local Workspace of_this_thread;
    return of_this_thread;
}

/// A face of a tile in pixels of the photo.
Face in_photo(Face face, const Tile& tile, double scale) {
    const auto moved = [scale](float at, int start) { return static_cast<float>((double{at} + start) / scale); };
    Box& box = face.box_in_photo;
    box = {moved(box.x, tile.left), moved(box.y, tile.top), moved(box.width, 0), moved(box.height, 0)};
    // Points count from the centre of the first pixel, on the level as in the photo.
    for (Point& point : face.landmarks_in_photo)
        point = {moved(point.x + 0.5F, tile.left) - 0.5F, moved(point.y + 0.5F, tile.top) - 0.5F};
    return face;
}

LadderOptions rungs_for(const Image& photo, const NetworkDetectorOptions& how) {
    LadderOptions rungs;
    if (std::max(photo.width, photo.height) <= how.enlarge_below_px) rungs.finest_scale = 2;
    if (how.least_face_px > kLeastSeenPx)
        rungs.finest_scale = std::min(rungs.finest_scale, kLeastSeenPx / how.least_face_px);
    // One level sees faces of about 10–300 px, so the next may be four times smaller.
    rungs.step = 4, rungs.least_side_px = 64, rungs.margin_px = 160;
    return rungs;
}

}  // namespace

NetworkDetector::NetworkDetector(const DetectionNetwork& network, const ModelFile& file,
                                 const NetworkDetectorOptions& options, const std::string& where)
    : options_(options),
      strides_(network.strides),
      multiple_(network.multiple),
      engine_(network.plan, fitting(network.plan, file.tensors, where), precision_from(options.precision)) {}

std::vector<Face> NetworkDetector::faces_in(const Image& picture, const Tile& tile) const {
    const ImageSize filled{filled_up(tile.width, multiple_), filled_up(tile.height, multiple_)};
    const std::size_t area = static_cast<std::size_t>(filled.width) * static_cast<std::size_t>(filled.height);
    Workspace& at = workspace();
    at.planes.resize(std::max(at.planes.size(), kChannels * area));
    const std::span<float> planes(at.planes.data(), kChannels * area);
    write_part_planes(picture, tile.left, tile.top, {tile.width, tile.height}, filled, planes);
    std::size_t wanted = 0;
    for (const int stride : strides_) wanted += area / static_cast<std::size_t>(stride * stride) * kAnswers;
    at.values.resize(std::max(at.values.size(), wanted));
    float* next = at.values.data();
    Results results;
    std::vector<DetectionGrid> grids;
    for (const int stride : strides_) {
        DetectionGrid grid;
        grid.stride = stride, grid.width = filled.width / stride, grid.height = filled.height / stride;
        const std::size_t cells = static_cast<std::size_t>(grid.width) * static_cast<std::size_t>(grid.height);
        const auto result = [&](const char* name, std::size_t channels) {
            const std::span<float> values(next, channels * cells);
            next += values.size();
            results[name + std::to_string(stride)] = values;
            return std::span<const float>(values);
        };
        grid.class_score = result("class_", 1), grid.object_score = result("object_", 1);
        grid.box = result("box_", 4), grid.points = result("points_", 10);
        grids.push_back(grid);
    }
    engine_.run({1, filled.height, filled.width}, planes, results,
                threads_for(engine_.plan().flops(filled.height, filled.width)));
    std::vector<Face> faces;
    for (const DetectionGrid& grid : grids)
        for (Face& face : faces_of(grid, options_.least_score)) faces.push_back(std::move(face));
    return faces;
}

std::vector<Face> NetworkDetector::detect(const Image& photo) const {
    std::vector<Face> faces;
    for (const Level& level : ladder(photo.size(), rungs_for(photo, options_))) {
        const Image smaller = level.size == photo.size() ? Image() : resize(photo, level.size, Filter::bilinear);
        for (const Tile& tile : level.tiles)
            for (Face& face : faces_in(smaller.empty() ? photo : smaller, tile)) {
                const Box& box = face.box_in_photo;
                if (tile.owns(tile.left + double{box.x} + double{box.width} / 2,
                              tile.top + double{box.y} + double{box.height} / 2))
                    faces.push_back(in_photo(std::move(face), tile, level.scale));
            }
    }
    faces = suppress_overlaps(std::move(faces), kMostOverlap, kMostCover);
    std::erase_if(faces,
                  [&](const Face& face) { return double{face.box_in_photo.size_px()} < options_.least_face_px; });
    return faces;
}

}  // namespace affectsr
