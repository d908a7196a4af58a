#include "affectsr/face/warp.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/image/cubic.h"

namespace affectsr {

namespace {

// Beyond every photo (ImageLimits allow 16,384 px) and far inside int.
constexpr double kFarthestPx = 1e6;

int within(int i, int count) {
    return std::clamp(i, 0, count - 1);
}

}  // namespace

Extent extent_of(const Similarity& source_from_target, ImageSize size) {
    Extent extent{kFarthestPx, kFarthestPx, -kFarthestPx, -kFarthestPx};
    for (const double x : {-0.5, size.width - 0.5}) {
        for (const double y : {-0.5, size.height - 0.5}) {
            const Similarity& t = source_from_target;
            const double sx = t.a * x - t.b * y + t.tx, sy = t.b * x + t.a * y + t.ty;
            extent.left = std::clamp(sx, -kFarthestPx, extent.left);
            extent.right = std::clamp(sx, extent.right, kFarthestPx);
            extent.top = std::clamp(sy, -kFarthestPx, extent.top);
            extent.bottom = std::clamp(sy, extent.bottom, kFarthestPx);
        }
    }
    return extent;
}

Sampler::Sampler(const Image& source, double source_px_per_target_px, const Extent& needed)
    : block_(source_px_per_target_px < 8 ? 1 : static_cast<int>(std::min(source_px_per_target_px / 4, kFarthestPx))),
      spread_(std::max(1.0, source_px_per_target_px / block_)) {
    AFFECTSR_EXPECT(!source.empty(), "a Sampler needs a picture");
    const double margin = (2 * spread_ + 1) * block_;
    const auto cell_at = [&](double position, int count) {
        return static_cast<int>(std::clamp(position, 0.0, count - 1.0)) / block_;
    };
    left_ = cell_at(std::floor(needed.left - margin), source.width);
    top_ = cell_at(std::floor(needed.top - margin), source.height);
    columns_ = cell_at(std::ceil(needed.right + margin), source.width) - left_ + 1;
    rows_ = cell_at(std::ceil(needed.bottom + margin), source.height) - top_ + 1;
    cells_.resize(static_cast<std::size_t>(columns_) * rows_ * 3);
    for (int row = 0; row < rows_; ++row)
        for (int column = 0; column < columns_; ++column) fill_cell(source, column, row);
}

void Sampler::fill_cell(const Image& source, int column, int row) {
    const int x0 = (left_ + column) * block_, x1 = std::min(x0 + block_, source.width);
    const int y0 = (top_ + row) * block_, y1 = std::min(y0 + block_, source.height);
    std::array<std::int64_t, 3> sum{};
    for (int y = y0; y < y1; ++y) {
        const std::uint8_t* pixel = source.pixel(x0, y);
        for (int x = x0; x < x1; ++x, pixel += 3)
            for (int c = 0; c < 3; ++c) sum[c] += pixel[c];
    }
    float* const cell = cells_.data() + (static_cast<std::size_t>(row) * columns_ + column) * 3;
    const double pixels = static_cast<double>(x1 - x0) * (y1 - y0);
    for (int c = 0; c < 3; ++c) cell[c] = static_cast<float>(static_cast<double>(sum[c]) / pixels);
}

Sampler::Taps Sampler::taps(double position, int cells, std::vector<double>& weights) const {
    // Far outside every tap reads the border cell, wherever exactly.
    position = std::clamp(position, -4 * spread_ - 4, cells + 4 * spread_ + 4);
    Taps taps{static_cast<int>(std::ceil(position - 2 * spread_)), 0, 0};
    const int last = static_cast<int>(std::floor(position + 2 * spread_));
    weights.clear();
    for (int i = taps.first; i <= last; ++i) {
        weights.push_back(cubic((i - position) / spread_, -0.5));
        taps.total += weights.back();
    }
    taps.count = static_cast<int>(weights.size());
    return taps;
}

std::array<double, 3> Sampler::at(double x, double y) {
    const Taps across = taps((x + 0.5) / block_ - 0.5 - left_, columns_, across_);
    const Taps down = taps((y + 0.5) / block_ - 0.5 - top_, rows_, down_);
    std::array<double, 3> sum{};
    for (int j = 0; j < down.count; ++j) {
        const float* const row = cells_.data() + static_cast<std::size_t>(within(down.first + j, rows_)) * columns_ * 3;
        std::array<double, 3> line{};
        for (int i = 0; i < across.count; ++i) {
            const float* const cell = row + static_cast<std::size_t>(within(across.first + i, columns_)) * 3;
            for (int c = 0; c < 3; ++c) line[c] += across_[i] * static_cast<double>(cell[c]);
        }
        for (int c = 0; c < 3; ++c) sum[c] += down_[j] * line[c];
    }
    for (double& value : sum) value /= across.total * down.total;
    return sum;
}

Image warp(const Image& source, const Similarity& source_from_target, ImageSize size) {
    AFFECTSR_EXPECT(size.width >= 1 && size.height >= 1, "warp() needs a target with a size");
    Sampler sampler(source, source_from_target.scale(), extent_of(source_from_target, size));
    Image target(size.width, size.height);
    const Similarity& t = source_from_target;
    for (int y = 0; y < size.height; ++y) {
        for (int x = 0; x < size.width; ++x) {
            const std::array<double, 3> colour = sampler.at(t.a * x - t.b * y + t.tx, t.b * x + t.a * y + t.ty);
            for (int c = 0; c < 3; ++c) target.pixel(x, y)[c] = to_byte(colour[c]);
        }
    }
    return target;
}

std::uint8_t to_byte(double value) {
    return static_cast<std::uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
}

}  // namespace affectsr
