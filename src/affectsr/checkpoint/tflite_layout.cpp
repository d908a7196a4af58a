#include "affectsr/checkpoint/tflite_layout.h"

#include <algorithm>

namespace affectsr {

std::vector<float> channels_first(const std::vector<float>& from, std::size_t out, std::size_t area, std::size_t in) {
    std::vector<float> to(from.size());
    for (std::size_t o = 0; o < out; ++o)
        for (std::size_t p = 0; p < area; ++p)
            for (std::size_t i = 0; i < in; ++i) to[(o * in + i) * area + p] = from[(o * area + p) * in + i];
    return to;
}

std::vector<float> shuffling_weight(std::size_t out, std::size_t area) {
    const std::size_t channels = out * area;
    std::vector<float> weight(channels * channels);
    for (std::size_t c = 0; c < out; ++c)
        for (std::size_t p = 0; p < area; ++p) weight[(c * area + p) * channels + p * out + c] = 1;
    return weight;
}

WindowPlaces window_places(int size, int window, int stride, bool same) {
    if (!same) return {0, 0, size < window ? 0 : (size - window) / stride + 1};
    const int count = (size + stride - 1) / stride;
    const int border = std::max((count - 1) * stride + window - size, 0);
    return {border / 2, border - border / 2, count};
}

}  // namespace affectsr
