#include "affectsr/detect/detection_network.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr std::size_t kPoints = 5;

}  // namespace

std::vector<Face> faces_of(const DetectionGrid& grid, double least_score) {
    const std::size_t cells = static_cast<std::size_t>(grid.width) * static_cast<std::size_t>(grid.height);
    AFFECTSR_EXPECT(grid.class_score.size() == cells && grid.object_score.size() == cells &&
                        grid.box.size() == 4 * cells && grid.points.size() == 2 * kPoints * cells,
                    "the outputs of a stride have its cells");
    const double stride = grid.stride, least_square = least_score * least_score;
    std::vector<Face> faces;
    for (std::size_t cell = 0; cell < cells; ++cell) {
        const double square = double{std::clamp(grid.class_score[cell], 0.0F, 1.0F)} *
                              double{std::clamp(grid.object_score[cell], 0.0F, 1.0F)};
        if (!(square >= least_square)) continue;
        const double column = static_cast<double>(cell % static_cast<std::size_t>(grid.width)),
                     row = static_cast<double>(cell / static_cast<std::size_t>(grid.width));
        const auto at = [&](std::span<const float> map, std::size_t channel) {
            return double{map[channel * cells + cell]};
        };
        const double width = std::exp(at(grid.box, 2)) * stride, height = std::exp(at(grid.box, 3)) * stride;
        const double x = (column + at(grid.box, 0)) * stride - width / 2,
                     y = (row + at(grid.box, 1)) * stride - height / 2;
        Face face{{static_cast<float>(x), static_cast<float>(y), static_cast<float>(width), static_cast<float>(height)},
                  {},
                  static_cast<float>(std::sqrt(square))};
        bool finite = std::isfinite(x + y + width + height);
        for (std::size_t i = 0; i < kPoints; ++i) {
            const double px = (column + at(grid.points, 2 * i)) * stride - 0.5,
                         py = (row + at(grid.points, 2 * i + 1)) * stride - 0.5;
            finite = finite && std::isfinite(px + py);
            face.landmarks_in_photo.push_back({static_cast<float>(px), static_cast<float>(py)});
        }
        if (finite) faces.push_back(std::move(face));
    }
    return faces;
}

}  // namespace affectsr
