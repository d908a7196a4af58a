#include "affectsr/engine/map_loops.h"

#include <algorithm>

#include "affectsr/engine/cores.h"

namespace affectsr::engine {

namespace {

/// Where a pixel beyond the edge looks; `size` pixels are there.
std::size_t reflected(int at, int size) {
    if (at < 0) at = -at;
    return static_cast<std::size_t>(at < size ? at : 2 * (size - 1) - at);
}

}  // namespace

template <class E>
void pad_reflected(const Block<E>& x, const Block<E>& result, const Margins& margins, int threads) {
    const std::size_t channels = x.channels(), row = static_cast<std::size_t>(x.shape.width) * channels;
    const auto height = static_cast<std::size_t>(result.shape.height);
    const auto width = static_cast<std::size_t>(result.shape.width), left = static_cast<std::size_t>(margins.left);
    spread(threads, static_cast<std::size_t>(x.count) * height, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const E* from = x.picture(static_cast<int>(y / height)) +
                            reflected(static_cast<int>(y % height) - margins.top, x.shape.height) * row;
            E* to = result.data + y * width * channels;
            std::copy_n(from, row, to + left * channels);
            const auto mirror = [&](std::size_t column) {
                const std::size_t at = reflected(static_cast<int>(column) - margins.left, x.shape.width);
                std::copy_n(from + at * channels, channels, to + column * channels);
            };
            for (std::size_t column = 0; column < left; ++column) mirror(column);
            for (std::size_t column = left + row / channels; column < width; ++column) mirror(column);
        }
    });
}

template <class E>
void sum_channels(const Block<E>& x, const Block<E>& result, const std::vector<std::vector<int>>& groups) {
    for (std::size_t p = 0; p < x.pixels(); ++p) {
        const E* from = x.data + p * x.channels();
        for (std::size_t g = 0; g < groups.size(); ++g) {
            float sum = 0;
            for (const int channel : groups[g]) sum += to_float(from[channel]);
            result.data[p * groups.size() + g] = from_float<E>(sum);
        }
    }
}

template <class E>
void divide_by_peak(const Block<E>& x, const Block<E>& result, float least, float* scratch, int threads) {
    const std::size_t channels = x.channels(), area = x.pixels() / static_cast<std::size_t>(x.count);
    spread(threads, static_cast<std::size_t>(x.count), [&](std::size_t begin, std::size_t end) {
        for (std::size_t n = begin; n < end; ++n) {
            const E* picture = x.picture(static_cast<int>(n));
            float *const scale = scratch + n * 2 * channels, *const shift = scale + channels;
            std::fill_n(scale, channels, least);
            std::fill_n(shift, channels, 0.0f);
            for (std::size_t i = 0; i < area * channels; ++i)
                scale[i % channels] = std::max(scale[i % channels], to_float(picture[i]));
            for (std::size_t c = 0; c < channels; ++c) scale[c] = 1 / scale[c];
            channelwise(result.picture(static_cast<int>(n)), picture, static_cast<const E*>(nullptr), area, channels,
                        scale, shift, nullptr, Epilogue{});
        }
    });
}

template void pad_reflected<float>(const Block<float>&, const Block<float>&, const Margins&, int);
template void sum_channels<float>(const Block<float>&, const Block<float>&, const std::vector<std::vector<int>>&);
template void divide_by_peak<float>(const Block<float>&, const Block<float>&, float, float*, int);
template void pad_reflected<Bf16>(const Block<Bf16>&, const Block<Bf16>&, const Margins&, int);
template void sum_channels<Bf16>(const Block<Bf16>&, const Block<Bf16>&, const std::vector<std::vector<int>>&);
template void divide_by_peak<Bf16>(const Block<Bf16>&, const Block<Bf16>&, float, float*, int);

}  // namespace affectsr::engine
