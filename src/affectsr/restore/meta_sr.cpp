#include "affectsr/restore/meta_sr.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/engine/threads.h"
#include "affectsr/image/float_planes.h"
#include "affectsr/image/resize.h"
#include "affectsr/plan/fit.h"
#include "affectsr/restore/edsr_ends.h"

namespace affectsr {

namespace {

constexpr int kHidden = 256;  // of the network that computes filters
constexpr int kNeighbours = 9;
constexpr std::size_t kColours = 3;
constexpr std::size_t kPositionsAtOnce = 4096;  // bounds the memory that computing filters takes

Value residual_dense_block(PlanBuilder& p, const std::string& name, Value x, const MetaSrOptions& o) {
    std::vector<Value> grown{x};
    for (int c = 0; c < o.convs; ++c)
        grown.push_back(p.relu(p.conv(name + ".convs." + std::to_string(c) + ".conv.0", p.concat(grown), o.growth)));
    return p.add(p.conv(name + ".LFF", p.concat(grown), o.features, {.kernel = 1, .padding = 0}), x);
}

/// RDN (Zhang et al. 2018), fig. 2, without its tail.
Value features(PlanBuilder& p, Value picture, const MetaSrOptions& o) {
    const Value f1 = p.conv("SFENet1", without_mean_colour(p, picture), o.features);
    Value x = p.conv("SFENet2", f1, o.features);
    std::vector<Value> blocks;
    for (int d = 0; d < o.blocks; ++d) blocks.push_back(x = residual_dense_block(p, "RDBs." + std::to_string(d), x, o));
    x = p.conv("GFF.0", p.concat(blocks), o.features, {.kernel = 1, .padding = 0});
    return p.add(p.mark("gff", p.conv("GFF.1", x, o.features)), f1);
}

/// Meta-SR, eq. 5.
Value filters(PlanBuilder& p, Value positions, const MetaSrOptions& o) {
    const Value hidden = p.relu(p.linear("P2W.meta_block.0", positions, kHidden));
    return p.linear("P2W.meta_block.2", hidden, kNeighbours * o.features * static_cast<int>(kColours));
}

/// The 3 × 3 neighbourhoods of all pixels, [h · w, features · 9]: channel by channel, then down, then right.
std::vector<float> neighbourhoods(std::span<const float> features, int height, int width) {
    const std::size_t area = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    const std::size_t channels = features.size() / area;
    std::vector<float> all(area * channels * kNeighbours);
    float* to = all.data();
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (std::size_t c = 0; c < channels; ++c)
                for (int dy = -1; dy <= 1; ++dy)
                    for (int dx = -1; dx <= 1; ++dx, ++to) {
                        const bool inside = y + dy >= 0 && y + dy < height && x + dx >= 0 && x + dx < width;
                        if (inside) *to = features[c * area + static_cast<std::size_t>((y + dy) * width + x + dx)];
                    }
    return all;
}

}  // namespace

AnyScaleNetwork meta_sr(const MetaSrOptions& o) {
    PlanBuilder p;
    p.output("features", features(p, p.input(3), o));
    p.output("filters", filters(p, p.input(3, "positions"), o));
    return {p.finish()};
}

TensorMap AnyScaleNetwork::renamed(TensorMap published) const {
    return rename_edsr_family(std::move(published), 0, nullptr);
}

Plan meta_sr_feature_plan(const MetaSrOptions& o) {
    PlanBuilder p;
    return p.finish(features(p, p.input(3), o));
}

Plan meta_sr_filter_plan(const MetaSrOptions& o) {
    PlanBuilder p;
    return p.finish(filters(p, p.input(3), o));
}

MetaAxis meta_axis(int from, int to, double scale) {
    AFFECTSR_EXPECT(from > 0 && to > 0 && scale > 1, "a side to enlarge");
    const auto step = static_cast<float>(1 / scale);
    MetaAxis axis;
    for (int i = 0; i < to; ++i) {
        const float at = static_cast<float>(i) * step;
        const int cell = std::min(static_cast<int>(at), from - 1);
        axis.cell.push_back(cell);
        axis.offset.push_back(at - static_cast<float>(cell));
    }
    return axis;
}

std::vector<float> meta_positions(const MetaAxis& rows, const MetaAxis& columns, double scale) {
    std::vector<float> positions;
    positions.reserve(rows.offset.size() * columns.offset.size() * 3);
    for (const float down : rows.offset)
        for (const float right : columns.offset)
            positions.insert(positions.end(), {static_cast<float>(1 / scale), down, right});
    return positions;
}

void meta_enlarge(std::span<const float> features, int height, int width, const MetaAxis& rows, const MetaAxis& columns,
                  std::span<const float> filters, std::span<float> picture) {
    const std::size_t area = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    const std::size_t taps = features.size() / area * kNeighbours, enlarged = rows.cell.size() * columns.cell.size();
    AFFECTSR_EXPECT(filters.size() == enlarged * taps * kColours && picture.size() == enlarged * kColours,
                    "a filter for every pixel");
    const std::vector<float> all = neighbourhoods(features, height, width);
    const std::vector<float> mean = edsr_mean_colour();
    std::size_t pixel = 0;
    for (const int row : rows.cell)
        for (const int column : columns.cell) {
            const float* seen = all.data() + static_cast<std::size_t>(row * width + column) * taps;
            const float* filter = filters.data() + pixel * taps * kColours;
            std::array<float, kColours> sum{};
            for (std::size_t t = 0; t < taps; ++t)
                for (std::size_t c = 0; c < kColours; ++c) sum[c] += seen[t] * filter[t * kColours + c];
            for (std::size_t c = 0; c < kColours; ++c)
                picture[c * enlarged + pixel] = (sum[c] + mean[c]) / static_cast<float>(kEdsrWhite);
            ++pixel;
        }
}

MetaSr::MetaSr(const ModelFile& file, Precision precision, const std::string& where, int output_px, int scale)
    : model_sha256_(file.card.sha256),
      options_(from_json<MetaSrOptions>(file.card.options, where)),
      features_(meta_sr_feature_plan(options_), fitting(meta_sr(options_).plan, file.tensors, where), precision),
      filters_(meta_sr_filter_plan(options_), file.tensors, Precision::f32) {
    needs_.scale = scale;
    needs_.output_px = scale > 0 ? 0 : output_px;
}

std::shared_ptr<const MetaSr::Filters> MetaSr::filters_for(ImageSize from, ImageSize to) const {
    const std::lock_guard lock(mutex_);
    if (last_ && last_->from == from && last_->to == to) return last_;
    auto made = std::make_shared<Filters>();
    const double scale = static_cast<double>(to.width) / from.width;
    made->from = from, made->to = to;
    made->rows = meta_axis(from.height, to.height, static_cast<double>(to.height) / from.height);
    made->columns = meta_axis(from.width, to.width, scale);
    const std::vector<float> positions = meta_positions(made->rows, made->columns, scale);
    const std::size_t all = positions.size() / 3,
                      weights = kNeighbours * kColours * static_cast<std::size_t>(options_.features);
    made->values.resize(all * weights);
    for (std::size_t first = 0; first < all; first += kPositionsAtOnce) {
        const std::size_t count = std::min(kPositionsAtOnce, all - first);
        filters_.run({static_cast<int>(count), 1, 1}, std::span(positions).subspan(first * 3, count * 3),
                     {{"out", std::span(made->values).subspan(first * weights, count * weights)}});
    }
    return last_ = made;
}

Restored MetaSr::restored(const Image& crop) const {
    const ImageSize from = crop.size();
    const ImageSize to = needs_.scale > 0 ? ImageSize{from.width * needs_.scale, from.height * needs_.scale}
                                          : ImageSize{needs_.output_px, needs_.output_px};
    if (from.width >= to.width || from.height >= to.height) return {resize(crop, to, Filter::bicubic), ""};
    const auto filters = filters_for(from, to);
    const std::size_t area = static_cast<std::size_t>(from.width) * static_cast<std::size_t>(from.height);
    std::vector<float> planes(kColours * area), map(static_cast<std::size_t>(options_.features) * area);
    write_planes(crop, static_cast<int>(kColours), planes);
    const std::int64_t flops = features_.plan().flops(from.height, from.width);
    features_.run({1, from.height, from.width}, planes, {{"out", map}}, threads_for(flops));
    std::vector<float> picture(kColours * static_cast<std::size_t>(to.width) * static_cast<std::size_t>(to.height));
    meta_enlarge(map, from.height, from.width, filters->rows, filters->columns, filters->values, picture);
    if (!std::all_of(picture.begin(), picture.end(), [](float value) { return std::isfinite(value); }))
        return {{}, "restorer_not_finite"};
    return {picture_of(picture, static_cast<int>(kColours), to), ""};
}

std::vector<Restored> MetaSr::restore_all(std::span<const FaceCrop> crops) const {
    std::vector<Restored> all;
    for (const FaceCrop& crop : crops) {
        AFFECTSR_EXPECT(!crop.pixels.empty(), "a crop to restore must have pixels");
        all.push_back(restored(crop.pixels));
    }
    return all;
}

}  // namespace affectsr
