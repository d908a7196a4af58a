#include "affectsr/engine/point_loops.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "affectsr/engine/cores.h"

namespace affectsr::engine {

PositionMixing::PositionMixing(const step::MixPositions& mix)
    : links(mix.links), first(static_cast<std::size_t>(mix.positions) + 1) {
    for (const PositionLink& link : links) ++first[static_cast<std::size_t>(link.to) + 1];
    for (std::size_t i = 1; i < first.size(); ++i) first[i] += first[i - 1];
}

template <class E>
void mix_positions(const Block<E>& x, const Block<E>& result, const PositionMixing& mixing, int threads) {
    constexpr std::size_t kChannelsAtOnce = 64;
    const std::size_t channels = x.channels(), positions = mixing.first.size() - 1;
    spread(threads, x.pixels(), [&](std::size_t begin, std::size_t end) {
        std::array<float, kChannelsAtOnce> sums;
        for (std::size_t at = begin; at < end; ++at) {
            const E* const picture = x.picture(static_cast<int>(at / positions));
            for (std::size_t c = 0; c < channels; c += kChannelsAtOnce) {
                const std::size_t width = std::min(kChannelsAtOnce, channels - c);
                std::fill_n(sums.begin(), width, 0.0f);
                for (std::size_t k = mixing.first[at % positions]; k < mixing.first[at % positions + 1]; ++k) {
                    const PositionLink& link = mixing.links[k];
                    const E* const from = picture + static_cast<std::size_t>(link.from) * channels + c;
                    for (std::size_t i = 0; i < width; ++i) sums[i] += link.weight * to_float(from[i]);
                }
                E* const to = result.data + at * channels + c;
                for (std::size_t i = 0; i < width; ++i) to[i] = from_float<E>(sums[i]);
            }
        }
    });
}
template void mix_positions<float>(const Block<float>&, const Block<float>&, const PositionMixing&, int);
template void mix_positions<Bf16>(const Block<Bf16>&, const Block<Bf16>&, const PositionMixing&, int);

std::size_t splat_scratch(const ValueShape& map, int pictures) {
    const auto pixels = static_cast<std::size_t>(map.height) * static_cast<std::size_t>(map.width);
    return static_cast<std::size_t>(pictures) * pixels * (static_cast<std::size_t>(map.channels) + 1);
}

namespace {

/// The pixels around a place that lie on the map, and the share of each.
struct Shares {
    std::array<std::size_t, 4> pixel{};
    std::array<float, 4> weight{};
    std::size_t count = 0;

    Shares(float x, float y, const ValueShape& map) {
        if (!(x > -1 && y > -1 && x < static_cast<float>(map.width) && y < static_cast<float>(map.height))) return;
        const float left = std::floor(x), top = std::floor(y);
        for (int dy = 0; dy < 2; ++dy)
            for (int dx = 0; dx < 2; ++dx) {
                const int column = static_cast<int>(left) + dx, row = static_cast<int>(top) + dy;
                if (column < 0 || row < 0 || column >= map.width || row >= map.height) continue;
                const float across = dx == 1 ? x - left : 1 - (x - left), down = dy == 1 ? y - top : 1 - (y - top);
                pixel[count] = static_cast<std::size_t>(row) * static_cast<std::size_t>(map.width) +
                               static_cast<std::size_t>(column);
                weight[count++] = across * down;
            }
    }
};

template <class E>
void splat_one(const E* points, std::size_t count, const float* places, E* map, const ValueShape& shape, float* sums) {
    const auto channels = static_cast<std::size_t>(shape.channels);
    const auto pixels = static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width);
    float* const totals = sums + pixels * channels;
    std::fill_n(sums, pixels * (channels + 1), 0.0f);
    for (std::size_t p = 0; p < count; ++p) {
        const Shares shares(places[p], places[count + p], shape);
        for (std::size_t k = 0; k < shares.count; ++k) {
            float* const to = sums + shares.pixel[k] * channels;
            for (std::size_t c = 0; c < channels; ++c) to[c] += shares.weight[k] * to_float(points[p * channels + c]);
            totals[shares.pixel[k]] += shares.weight[k];
        }
    }
    for (std::size_t at = 0; at < pixels; ++at) {
        const float total = std::max(1.0f, totals[at]);
        for (std::size_t c = 0; c < channels; ++c)
            map[at * channels + c] = from_float<E>(sums[at * channels + c] / total);
    }
}

}  // namespace

template <class E>
void splat(const Block<E>& points, const float* places, int coordinates, const Block<E>& map, float* scratch,
           int threads) {
    const std::size_t count = points.pixels() / static_cast<std::size_t>(points.count);
    spread(threads, static_cast<std::size_t>(points.count), [&](std::size_t begin, std::size_t end) {
        for (std::size_t n = begin; n < end; ++n)
            splat_one<E>(points.picture(static_cast<int>(n)), count,
                         places + n * static_cast<std::size_t>(coordinates) * count, map.picture(static_cast<int>(n)),
                         map.shape, scratch + n * splat_scratch(map.shape, 1));
    });
}
template void splat<float>(const Block<float>&, const float*, int, const Block<float>&, float*, int);
template void splat<Bf16>(const Block<Bf16>&, const float*, int, const Block<Bf16>&, float*, int);

template <class E>
void softmax_over_parts(const Block<E>& x, const Block<E>& result, int parts) {
    const auto count = static_cast<std::size_t>(parts);
    const std::size_t length = x.channels() / count;
    for (std::size_t at = 0; at < x.pixels(); ++at)
        for (std::size_t c = 0; c < length; ++c) {
            const E* const from = x.data + at * x.channels() + c;
            E* const to = result.data + at * x.channels() + c;
            float largest = to_float(from[0]), sum = 0;
            for (std::size_t k = 1; k < count; ++k) largest = std::max(largest, to_float(from[k * length]));
            for (std::size_t k = 0; k < count; ++k) sum += std::exp(to_float(from[k * length]) - largest);
            for (std::size_t k = 0; k < count; ++k)
                to[k * length] = from_float<E>(std::exp(to_float(from[k * length]) - largest) / sum);
        }
}
template void softmax_over_parts<float>(const Block<float>&, const Block<float>&, int);
template void softmax_over_parts<Bf16>(const Block<Bf16>&, const Block<Bf16>&, int);

}  // namespace affectsr::engine
