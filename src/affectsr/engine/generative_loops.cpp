#include "affectsr/engine/generative_loops.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "affectsr/engine/attention_kernel.h"
#include "affectsr/engine/cores.h"
#include "affectsr/engine/moments.h"

namespace affectsr::engine {

namespace {

template <class E>
std::size_t pixels_of(const Block<E>& x) {
    return x.pixels() / static_cast<std::size_t>(x.count);
}

}  // namespace

template <class E>
void group_norm(const Block<E>& x, const Block<E>& sum, const Block<E>& result, const ChannelNumbers& learned,
                int groups, double epsilon, Epilogue epilogue, float* scratch, int threads) {
    const std::size_t channels = x.channels(), stretch = channels / static_cast<std::size_t>(groups);
    const std::size_t pixels = pixels_of(x);
    float *const factor = scratch + ChannelMoments::scratch(channels), *const summand = factor + channels;
    for (int n = 0; n < x.count; ++n) {
        const E* const picture = x.picture(n);
        const ChannelMoments moments(picture, pixels, channels, scratch, threads);
        for (std::size_t first = 0; first < channels; first += stretch) {
            double mean = 0, squares = 0;
            for (std::size_t c = first; c < first + stretch; ++c)
                mean += moments.mean(c) / static_cast<double>(stretch);
            for (std::size_t c = first; c < first + stretch; ++c) {
                const double off = moments.mean(c) - mean;
                squares += moments.squares(c) + off * off * static_cast<double>(pixels);
            }
            const double deviation = std::sqrt(squares / static_cast<double>(pixels * stretch) + epsilon);
            for (std::size_t c = first; c < first + stretch; ++c) {
                factor[c] = static_cast<float>(double{learned.scale[c]} / deviation);
                summand[c] = static_cast<float>(double{learned.shift[c]} - mean * double{learned.scale[c]} / deviation);
            }
        }
        spread(threads, pixels, [&](std::size_t begin, std::size_t end) {
            const std::size_t at = begin * channels;
            channelwise(result.picture(n) + at, picture + at, sum.data ? sum.picture(n) + at : nullptr, end - begin,
                        channels, factor, summand, nullptr, epilogue);
        });
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
    // Keys and values in float32, and for every query itself, its weights and its result.
    const auto channels = static_cast<std::size_t>(queries.channels);
    return static_cast<std::size_t>(pictures) *
           (2 * positions(keys) * channels + positions(queries) * (positions(keys) + 2 * channels));
}

template <class E>
void attention(const Block<E>& queries, const Block<E>& keys, const Block<E>& values, const Block<E>& result, int heads,
               float* scratch, int threads) {
    const std::size_t channels = queries.channels(), stretch = channels / static_cast<std::size_t>(heads);
    const std::size_t asked = pixels_of(queries), seen = pixels_of(keys);
    const float scale = 1 / std::sqrt(static_cast<float>(stretch));
    const std::size_t each = attention_scratch(queries.shape, keys.shape, 1);
    for (int n = 0; n < queries.count; ++n) {
        float* const by_channel = scratch + static_cast<std::size_t>(n) * each;  // keys, [channels, seen]
        float* const by_head = by_channel + seen * channels;                     // values, [heads, seen, stretch]
        float* const weights = by_head + seen * channels;                        // [asked, seen]
        float* const asking = weights + asked * seen;                            // queries, [asked, channels]
        float* const sums = asking + asked * channels;                           // [asked, channels]
        spread(threads, channels, [&](std::size_t begin, std::size_t end) {
            for (std::size_t c = begin; c < end; ++c) {
                float* const to = by_head + c / stretch * seen * stretch + c % stretch;
                for (std::size_t p = 0; p < seen; ++p) {
                    by_channel[c * seen + p] = to_float(keys.picture(n)[p * channels + c]);
                    to[p * stretch] = to_float(values.picture(n)[p * channels + c]);
                }
            }
        });
        spread(threads, asked, [&](std::size_t begin, std::size_t end) {
            for (std::size_t q = begin; q < end; ++q) {
                float *const query = asking + q * channels, *const sum = sums + q * channels;
                for (std::size_t c = 0; c < channels; ++c)
                    query[c] = to_float(queries.picture(n)[q * channels + c]) * scale;
                for (std::size_t first = 0; first < channels; first += stretch)
                    attend({query + first, by_channel + first * seen, by_head + first * seen, stretch, seen},
                           weights + q * seen, sum + first);
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
void adain(const Block<E>& x, const Block<E>& like, const Block<E>& result, double epsilon, float* scratch,
           int threads) {
    const std::size_t channels = x.channels();
    float *const factor = scratch + 2 * ChannelMoments::scratch(channels), *const summand = factor + channels;
    const auto deviation = [epsilon](const ChannelMoments& m, std::size_t c, std::size_t pixels) {
        return std::sqrt(m.squares(c) / static_cast<double>(std::max<std::size_t>(pixels, 2) - 1) + epsilon);
    };
    for (int n = 0; n < x.count; ++n) {
        const E* const picture = x.picture(n);
        const ChannelMoments own(picture, pixels_of(x), channels, scratch, threads);
        const ChannelMoments wanted(static_cast<const E*>(like.picture(n)), pixels_of(like), channels,
                                    scratch + ChannelMoments::scratch(channels), threads);
        for (std::size_t c = 0; c < channels; ++c) {
            const double scale = deviation(wanted, c, pixels_of(like)) / deviation(own, c, pixels_of(x));
            factor[c] = static_cast<float>(scale);
            summand[c] = static_cast<float>(wanted.mean(c) - own.mean(c) * scale);
        }
        channelwise(result.picture(n), picture, static_cast<const E*>(nullptr), pixels_of(x), channels, factor, summand,
                    nullptr, Epilogue{});
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

template <class E>
void add_noise(const Block<E>& x, const std::vector<float>& noise, const ChannelNumbers& numbers, const Block<E>& sum,
               const Block<E>& result, Epilogue epilogue, int threads) {
    const std::size_t channels = x.channels();
    for (int n = 0; n < x.count; ++n)
        spread(threads, noise.size(), [&](std::size_t begin, std::size_t end) {
            const std::size_t at = begin * channels;
            noisy_channelwise(result.picture(n) + at, static_cast<const E*>(x.picture(n)) + at,
                              sum.data ? static_cast<const E*>(sum.picture(n)) + at : nullptr, end - begin, channels,
                              noise.data() + begin, numbers.scale.data(), numbers.shift.data(), epilogue);
        });
}

std::vector<float> positions_first(const std::vector<float>& planes, int positions, int channels) {
    const auto rows = static_cast<std::size_t>(positions), columns = static_cast<std::size_t>(channels);
    std::vector<float> turned(planes.size());
    for (std::size_t c = 0; c < columns; ++c)
        for (std::size_t p = 0; p < rows; ++p) turned[p * columns + c] = planes[c * rows + p];
    return turned;
}

std::vector<float> noise_of(const Weights& weights, const Step& s) {
    const float strength = weights.tensor(s, "weight").at(0);
    std::vector<float> noise = weights.tensor(s, "noise");
    for (float& number : noise) number *= strength;
    return noise;
}

std::vector<float> squared_sums(const std::vector<float>& weight, int window) {
    const auto size = static_cast<std::size_t>(window);
    std::vector<float> sums(weight.size() / size);
    for (std::size_t i = 0; i < weight.size(); ++i) sums[i / size] += weight[i] * weight[i];
    return sums;
}

#define AFFECTSR_FOR(E)                                                                                                \
    template void group_norm<E>(const Block<E>&, const Block<E>&, const Block<E>&, const ChannelNumbers&, int, double, \
                                Epilogue, float*, int);                                                                \
    template void gelu<E>(const Block<E>&, const Block<E>&, int);                                                      \
    template void attention<E>(const Block<E>&, const Block<E>&, const Block<E>&, const Block<E>&, int, float*, int);  \
    template void lookup<E>(const Block<E>&, const Block<E>&, const std::vector<float>&);                              \
    template void adain<E>(const Block<E>&, const Block<E>&, const Block<E>&, double, float*, int);                    \
    template void add_to_each_picture<E>(const E*, const Block<E>&, const std::vector<float>&, int);                   \
    template void add_noise<E>(const Block<E>&, const std::vector<float>&, const ChannelNumbers&, const Block<E>&,     \
                               const Block<E>&, Epilogue, int);                                                        \
    template void demodulate<E>(const Block<E>&, const Block<E>&, const std::vector<float>&, double)
AFFECTSR_FOR(float);
AFFECTSR_FOR(Bf16);

}  // namespace affectsr::engine
