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
constexpr double kMostOverlap = 0.3, kMostCover = 0.8;  // of two faces that are both kept

int filled_up(int side, int multiple) {
    return (side + multiple - 1) / multiple * multiple;
}

/// `part` of `picture`, its last row and column repeated up to sides of a multiple.
Image filled_part(const Image& picture, const Tile& part, int multiple) {
    Image filled(filled_up(part.width, multiple), filled_up(part.height, multiple));
    for (int y = 0; y < filled.height; ++y)
        for (int x = 0; x < filled.width; ++x) {
            const std::size_t from = static_cast<std::size_t>(part.top + std::min(y, part.height - 1)) *
                                         static_cast<std::size_t>(picture.width) +
                                     static_cast<std::size_t>(part.left + std::min(x, part.width - 1));
            const std::size_t to =
                static_cast<std::size_t>(y) * static_cast<std::size_t>(filled.width) + static_cast<std::size_t>(x);
            std::copy_n(picture.rgb.begin() + static_cast<std::ptrdiff_t>(3 * from), 3,
                        filled.rgb.begin() + static_cast<std::ptrdiff_t>(3 * to));
        }
    return filled;
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

LadderOptions rungs_for(const Image& photo, int enlarge_below_px) {
    LadderOptions rungs;
    if (std::max(photo.width, photo.height) <= enlarge_below_px) rungs.finest_scale = 2;
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

std::vector<Face> NetworkDetector::faces_in(const Image& picture) const {
    std::vector<float> planes(kChannels * picture.rgb.size() / 3);
    write_planes(picture, static_cast<int>(kChannels), planes);
    std::vector<std::vector<float>> values;
    values.reserve(4 * strides_.size());
    Results results;
    std::vector<DetectionGrid> grids;
    for (const int stride : strides_) {
        DetectionGrid grid;
        grid.stride = stride, grid.width = picture.width / stride, grid.height = picture.height / stride;
        const auto wanted = [&](const char* name, std::size_t channels) {
            values.emplace_back(channels * static_cast<std::size_t>(grid.width) *
                                static_cast<std::size_t>(grid.height));
            results[name + std::to_string(stride)] = values.back();
            return std::span<const float>(values.back());
        };
        grid.class_score = wanted("class_", 1), grid.object_score = wanted("object_", 1);
        grid.box = wanted("box_", 4), grid.points = wanted("points_", 10);
        grids.push_back(grid);
    }
    engine_.run({1, picture.height, picture.width}, planes, results,
                threads_for(engine_.plan().flops(picture.height, picture.width)));
    std::vector<Face> faces;
    for (const DetectionGrid& grid : grids)
        for (Face& face : faces_of(grid, options_.least_score)) faces.push_back(std::move(face));
    return faces;
}

std::vector<Face> NetworkDetector::detect(const Image& photo) const {
    std::vector<Face> faces;
    for (const Level& level : ladder(photo.size(), rungs_for(photo, options_.enlarge_below_px))) {
        const Image smaller = level.size == photo.size() ? Image() : resize(photo, level.size, Filter::bilinear);
        for (const Tile& tile : level.tiles)
            for (Face& face : faces_in(filled_part(smaller.empty() ? photo : smaller, tile, multiple_))) {
                const Box& box = face.box_in_photo;
                if (tile.owns(tile.left + double{box.x} + double{box.width} / 2,
                              tile.top + double{box.y} + double{box.height} / 2))
                    faces.push_back(in_photo(std::move(face), tile, level.scale));
            }
    }
    return suppress_overlaps(std::move(faces), kMostOverlap, kMostCover);
}

}  // namespace affectsr
