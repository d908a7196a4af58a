#include "affectsr/engine/generative_loops.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "affectsr/engine/cores.h"

namespace affectsr::engine {

namespace {

/// Mean and sum of squared differences from it of every channel of a picture, in double.
struct Moments {
    std::vector<double> mean, squares;
};

template <class E>
Moments moments_of(const E* picture, std::size_t pixels, std::size_t channels, float* scratch) {
    float *const origin = scratch, *const sums = scratch + channels, *const squares = scratch + 2 * channels;
    for (std::size_t c = 0; c < channels; ++c) origin[c] = to_float(picture[c]);
    std::fill_n(sums, 2 * channels, 0.0f);
    add_moments(picture, pixels, channels, origin, sums, squares);
    Moments m;
    for (std::size_t c = 0; c < channels; ++c) {
        const double offset = double{sums[c]} / static_cast<double>(pixels);
        m.mean.push_back(double{origin[c]} + offset);
        m.squares.push_back(std::max(0.0, double{squares[c]} - offset * double{sums[c]}));
    }
    return m;
}

template <class E>
std::size_t pixels_of(const Block<E>& x) {
    return x.pixels() / static_cast<std::size_t>(x.count);
}

}  // namespace

template <class E>
void group_norm(const Block<E>& x, const Block<E>& result, const ChannelNumbers& learned, int groups, double epsilon,
                float* scratch) {
    const std::size_t channels = x.channels(), stretch = channels / static_cast<std::size_t>(groups);
    const std::size_t pixels = pixels_of(x);
    for (int n = 0; n < x.count; ++n) {
        const Moments m = moments_of<E>(x.picture(n), pixels, channels, scratch);
        float *const scale = scratch, *const shift = scratch + channels;
        for (std::size_t first = 0; first < channels; first += stretch) {
            double mean = 0, squares = 0;
            for (std::size_t c = first; c < first + stretch; ++c) mean += m.mean[c] / static_cast<double>(stretch);
            for (std::size_t c = first; c < first + stretch; ++c) {
                const double off = m.mean[c] - mean;
                squares += m.squares[c] + off * off * static_cast<double>(pixels);
            }
            const double deviation = std::sqrt(squares / static_cast<double>(pixels * stretch) + epsilon);
            for (std::size_t c = first; c < first + stretch; ++c) {
                scale[c] = static_cast<float>(double{learned.scale[c]} / deviation);
                shift[c] = static_cast<float>(double{learned.shift[c]} - mean * double{learned.scale[c]} / deviation);
            }
        }
        channelwise(result.picture(n), static_cast<const E*>(x.picture(n)), static_cast<const E*>(nullptr), pixels,
                    channels, scale, shift, nullptr, Epilogue{});
    }
}

template <class E>
void gelu(const Block<E>& x, const Block<E>& result, int threads) {
    spread(threads, x.elements(), [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const float value = to_float(x.data[i]);
            result.data[i] = from_float<E>(0.5f * value * (1 + std::erf(value / std::numbers::sqrt2_v<float>)));
        }
    });
}

std::size_t attention_scratch(const ValueShape& queries, const ValueShape& keys, int pictures) {
    const auto positions = [](const ValueShape& v) {
        return static_cast<std::size_t>(v.height) * static_cast<std::size_t>(v.width);
    };
    // Keys and values in float32, and for every query its weights and its result.
    const auto channels = static_cast<std::size_t>(queries.channels);
    return static_cast<std::size_t>(pictures) *
           (2 * positions(keys) * channels + positions(queries) * (positions(keys) + channels));
}

template <class E>
void attention(const Block<E>& queries, const Block<E>& keys, const Block<E>& values, const Block<E>& result, int heads,
               float* scratch, int threads) {
    const std::size_t channels = queries.channels(), stretch = channels / static_cast<std::size_t>(heads);
    const std::size_t asked = pixels_of(queries), seen = pixels_of(keys);
    const float scale = 1 / std::sqrt(static_cast<float>(stretch));
    const std::size_t each = attention_scratch(queries.shape, keys.shape, 1);
    for (int n = 0; n < queries.count; ++n) {
        float* const k = scratch + static_cast<std::size_t>(n) * each;
        float* const v = k + seen * channels;
        float* const weights = v + seen * channels;  // [asked, seen]
        float* const sums = weights + asked * seen;  // [asked, channels]
        for (std::size_t i = 0; i < seen * channels; ++i) {
            k[i] = to_float(keys.picture(n)[i]);
            v[i] = to_float(values.picture(n)[i]);
        }
        spread(threads, asked, [&](std::size_t begin, std::size_t end) {
            for (std::size_t q = begin; q < end; ++q) {
                float *const weight = weights + q * seen, *const sum = sums + q * channels;
                // The query lies where its result will.
                for (std::size_t c = 0; c < channels; ++c)
                    sum[c] = to_float(queries.picture(n)[q * channels + c]) * scale;
                for (std::size_t first = 0; first < channels; first += stretch) {
                    float largest = -INFINITY, total = 0;
                    for (std::size_t p = 0; p < seen; ++p) {
                        float dot = 0;
                        for (std::size_t c = first; c < first + stretch; ++c) dot += sum[c] * k[p * channels + c];
                        weight[p] = dot;
                        largest = std::max(largest, dot);
                    }
                    for (std::size_t p = 0; p < seen; ++p) total += weight[p] = std::exp(weight[p] - largest);
                    std::fill_n(sum + first, stretch, 0.0f);
                    for (std::size_t p = 0; p < seen; ++p)
                        for (std::size_t c = first; c < first + stretch; ++c)
                            sum[c] += weight[p] / total * v[p * channels + c];
                }
                for (std::size_t c = 0; c < channels; ++c) result.picture(n)[q * channels + c] = from_float<E>(sum[c]);
            }
        });
    }
}

template <class E>
void lookup(const Block<E>& x, const Block<E>& result, const std::vector<float>& book) {
    const std::size_t codes = x.channels(), channels = result.channels();
    for (std::size_t p = 0; p < x.pixels(); ++p) {
        const E* const from = x.data + p * codes;
        std::size_t best = 0;
        for (std::size_t c = 1; c < codes; ++c)
            if (to_float(from[c]) > to_float(from[best])) best = c;
        for (std::size_t c = 0; c < channels; ++c)
            result.data[p * channels + c] = from_float<E>(book[best * channels + c]);
    }
}

template <class E>
void adain(const Block<E>& x, const Block<E>& like, const Block<E>& result, double epsilon, float* scratch) {
    const std::size_t channels = x.channels();
    const auto deviation = [epsilon](const Moments& m, std::size_t c, std::size_t pixels) {
        return std::sqrt(m.squares[c] / static_cast<double>(std::max<std::size_t>(pixels, 2) - 1) + epsilon);
    };
    for (int n = 0; n < x.count; ++n) {
        const Moments own = moments_of<E>(x.picture(n), pixels_of(x), channels, scratch);
        const Moments wanted = moments_of<E>(like.picture(n), pixels_of(like), channels, scratch);
        float *const scale = scratch, *const shift = scratch + channels;
        for (std::size_t c = 0; c < channels; ++c) {
            const double factor = deviation(wanted, c, pixels_of(like)) / deviation(own, c, pixels_of(x));
            scale[c] = static_cast<float>(factor);
            shift[c] = static_cast<float>(wanted.mean[c] - own.mean[c] * factor);
        }
        channelwise(result.picture(n), static_cast<const E*>(x.picture(n)), static_cast<const E*>(nullptr),
                    pixels_of(x), channels, scale, shift, nullptr, Epilogue{});
    }
}

template <class E>
void add_to_each_picture(const E* x, const Block<E>& result, const std::vector<float>& added, int threads) {
    const std::size_t channels = result.channels(), positions = added.size() / channels;
    spread(threads, result.pixels(), [&](std::size_t begin, std::size_t end) {
        for (std::size_t p = begin; p < end; ++p) {
            const float* const by = added.data() + p % positions * channels;
            E* const to = result.data + p * channels;
            for (std::size_t c = 0; c < channels; ++c)
                to[c] = from_float<E>((x ? to_float(x[p * channels + c]) : 0.0f) + by[c]);
        }
    });
}

template <class E>
void demodulate(const Block<E>& styles, const Block<E>& result, const std::vector<float>& squares, double epsilon) {
    const std::size_t in = styles.channels(), out = result.channels();
    for (int n = 0; n < styles.count; ++n)
        for (std::size_t o = 0; o < out; ++o) {
            double sum = epsilon;
            for (std::size_t i = 0; i < in; ++i) {
                const double style = double{to_float(styles.picture(n)[i])};
                sum += style * style * double{squares[o * in + i]};
            }
            result.picture(n)[o] = from_float<E>(static_cast<float>(1 / std::sqrt(sum)));
        }
}

#define AFFECTSR_FOR(E)                                                                                               \
    template void group_norm<E>(const Block<E>&, const Block<E>&, const ChannelNumbers&, int, double, float*);        \
    template void gelu<E>(const Block<E>&, const Block<E>&, int);                                                     \
    template void attention<E>(const Block<E>&, const Block<E>&, const Block<E>&, const Block<E>&, int, float*, int); \
    template void lookup<E>(const Block<E>&, const Block<E>&, const std::vector<float>&);                             \
    template void adain<E>(const Block<E>&, const Block<E>&, const Block<E>&, double, float*);                        \
    template void add_to_each_picture<E>(const E*, const Block<E>&, const std::vector<float>&, int);                  \
    template void demodulate<E>(const Block<E>&, const Block<E>&, const std::vector<float>&, double)
AFFECTSR_FOR(float);
AFFECTSR_FOR(Bf16);

}  // namespace affectsr::engine
