#include "affectsr/engine/loops.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "affectsr/base/error.h"
#include "affectsr/engine/cores.h"
#include "affectsr/engine/enlarge_smooth.h"
#include "affectsr/engine/generative_loops.h"
#include "affectsr/engine/map_loops.h"
#include "affectsr/engine/moments.h"
#include "affectsr/engine/point_loops.h"

namespace affectsr::engine {

namespace {

template <class E>
void instance_norm(const Block<E>& x, const Block<E>& sum, const Block<E>& result, const ChannelNumbers& learned,
                   double epsilon, Epilogue epilogue, float* scratch, int threads) {
    const std::size_t channels = x.channels(), area = x.pixels() / static_cast<std::size_t>(x.count);
    float *const factor = scratch + ChannelMoments::scratch(channels), *const summand = factor + channels;
    for (int n = 0; n < x.count; ++n) {
        const E* picture = x.picture(n);
        const ChannelMoments moments(picture, area, channels, scratch, threads);
        for (std::size_t c = 0; c < channels; ++c) {
            const double variance = moments.squares(c) / static_cast<double>(area);
            const double scale = double{learned.scale[c]} / std::sqrt(variance + epsilon);
            factor[c] = static_cast<float>(scale);
            summand[c] = static_cast<float>(double{learned.shift[c]} - moments.mean(c) * scale);
        }
        spread(threads, area, [&](std::size_t begin, std::size_t end) {
            const std::size_t at = begin * channels;
            channelwise(result.picture(n) + at, picture + at, sum.data ? sum.picture(n) + at : nullptr, end - begin,
                        channels, factor, summand, nullptr, epilogue);
        });
    }
}

template <class E>
void global_avg_pool(const Block<E>& x, const Block<E>& result, float* scratch, int threads) {
    const std::size_t channels = x.channels(), area = x.pixels() / static_cast<std::size_t>(x.count);
    spread(threads, static_cast<std::size_t>(x.count), [&](std::size_t begin, std::size_t end) {
        for (std::size_t n = begin; n < end; ++n) {
            float* const sums = scratch + n * 3 * channels;
            std::fill_n(sums, 3 * channels, 0.0f);
            const E* picture = x.picture(static_cast<int>(n));
            add_moments(picture, area, channels, sums + 2 * channels, sums, sums + channels);
            E* to = result.picture(static_cast<int>(n));
            for (std::size_t c = 0; c < channels; ++c) to[c] = from_float<E>(sums[c] / static_cast<float>(area));
        }
    });
}

/// Cell i of `cells` over `size` covers [⌊i·size/cells⌋, ⌈(i+1)·size/cells⌉), as PyTorch has it.
template <class E>
void adaptive_avg_pool(const Block<E>& x, const Block<E>& result, float* sums) {
    const std::size_t channels = x.channels();
    const auto first = [](int i, int size, int cells) { return i * size / cells; };
    const auto last = [](int i, int size, int cells) { return ((i + 1) * size + cells - 1) / cells; };
    for (int n = 0; n < x.count; ++n)
        for (int row = 0; row < result.shape.height; ++row)
            for (int column = 0; column < result.shape.width; ++column) {
                const int top = first(row, x.shape.height, result.shape.height);
                const int bottom = last(row, x.shape.height, result.shape.height);
                const int left = first(column, x.shape.width, result.shape.width);
                const int right = last(column, x.shape.width, result.shape.width);
                std::fill_n(sums, channels, 0.0f);
                for (int y = top; y < bottom; ++y)
                    for (int at = left; at < right; ++at) {
                        const E* from = x.picture(n) + static_cast<std::size_t>(y * x.shape.width + at) * channels;
                        for (std::size_t c = 0; c < channels; ++c) sums[c] += to_float(from[c]);
                    }
                E* to = result.picture(n) + static_cast<std::size_t>(row * result.shape.width + column) * channels;
                const auto area = static_cast<float>((bottom - top) * (right - left));
                for (std::size_t c = 0; c < channels; ++c) to[c] = from_float<E>(sums[c] / area);
            }
}

template <class E>
void enlarge_nearest(const Block<E>& x, const Block<E>& result, int factor, int threads) {
    const std::size_t channels = x.channels(), bytes = channels * sizeof(E);
    const auto repeats = static_cast<std::size_t>(factor);
    const auto width = static_cast<std::size_t>(x.shape.width), row = width * repeats * channels;
    const std::size_t rows = static_cast<std::size_t>(x.count) * static_cast<std::size_t>(x.shape.height);
    spread(threads, rows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            E* to = result.data + y * repeats * row;
            for (std::size_t dx = 0; dx < repeats; ++dx)
                copy_channels(to + dx * channels, repeats * channels, x.data + y * width * channels, channels, channels,
                              width);
            for (std::size_t dy = 1; dy < repeats; ++dy) std::memcpy(to + dy * row, to, width * repeats * bytes);
        }
    });
}

/// Moves single elements: to[n, y, x, c] = from[n, at(y, x, c)].
template <class E, class Where>
void gather(const Block<E>& x, const Block<E>& result, const Where& where) {
    for (int n = 0; n < x.count; ++n) {
        const E* from = x.picture(n);
        E* to = result.picture(n);
        for (int row = 0; row < result.shape.height; ++row)
            for (int column = 0; column < result.shape.width; ++column)
                for (int c = 0; c < result.shape.channels; ++c) *to++ = from[where(row, column, c)];
    }
}

template <class E>
void shuffle(const Block<E>& x, const Block<E>& result, int factor, int threads) {
    const auto f = static_cast<std::size_t>(factor), width = static_cast<std::size_t>(x.shape.width);
    const std::size_t in = x.channels(), out = result.channels();
    spread(threads, x.pixels() / width, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y)
            for (std::size_t dy = 0; dy < f; ++dy) {
                E* to = result.data + (y * f + dy) * width * f * out;
                for (std::size_t column = 0; column < width; ++column) {
                    const E* from = x.data + (y * width + column) * in + dy * f;
                    for (std::size_t dx = 0; dx < f; ++dx, to += out)
                        for (std::size_t c = 0; c < out; ++c) to[c] = from[c * f * f + dx];
                }
            }
    });
}

template <class E>
void unshuffle(const Block<E>& x, const Block<E>& result, int f) {
    gather(x, result, [&](int y, int column, int c) {
        const int dy = c / f % f, dx = c % f;
        return static_cast<std::size_t>(((y * f + dy) * x.shape.width + column * f + dx) * x.shape.channels +
                                        c / (f * f));
    });
}

template <class E>
void pad(const Block<E>& x, const Block<E>& result, const Margins& margins) {
    std::memset(static_cast<void*>(result.data), 0, result.elements() * sizeof(E));
    const std::size_t row = static_cast<std::size_t>(x.shape.width) * x.channels();
    for (int n = 0; n < x.count; ++n)
        for (int y = 0; y < x.shape.height; ++y) {
            const std::size_t to = static_cast<std::size_t>((y + margins.top) * result.shape.width + margins.left);
            std::memcpy(result.picture(n) + to * x.channels(), x.picture(n) + static_cast<std::size_t>(y) * row,
                        row * sizeof(E));
        }
}

/// [n, h, w, c] → [n, c·h·w]: linear layers count channels first.
template <class E>
void flatten(const Block<E>& x, const Block<E>& result) {
    const auto area = static_cast<std::size_t>(x.shape.height * x.shape.width);
    for (int n = 0; n < x.count; ++n)
        for (std::size_t c = 0; c < x.channels(); ++c)
            for (std::size_t p = 0; p < area; ++p) result.picture(n)[c * area + p] = x.picture(n)[p * x.channels() + c];
}

template <class E>
void multiply(const Block<E>& a, const Block<E>& b, const Block<E>& sum, const Block<E>& result, Epilogue epilogue,
              float* scratch, int threads) {
    const std::size_t channels = a.channels();
    if (b.shape == a.shape)
        return spread(threads, a.elements(), [&](std::size_t begin, std::size_t end) {
            product(result.data + begin, a.data + begin, b.data + begin, sum.data ? sum.data + begin : nullptr,
                    end - begin, epilogue);
        });
    if (b.pixels() == a.pixels())  // one factor per pixel
        return spread(threads, a.pixels(), [&](std::size_t begin, std::size_t end) {
            for (std::size_t p = begin; p < end; ++p) {
                Epilogue scaled = epilogue;
                scaled.factor *= to_float(b.data[p]);
                pointwise(result.data + p * channels, static_cast<const E*>(a.data) + p * channels,
                          sum.data ? static_cast<const E*>(sum.data) + p * channels : nullptr, channels, scaled);
            }
        });
    // One factor per channel of each picture.
    float *const scale = scratch, *const shift = scale + channels;
    std::fill_n(shift, channels, 0.0f);
    for (int n = 0; n < a.count; ++n) {
        for (std::size_t c = 0; c < channels; ++c) scale[c] = to_float(b.picture(n)[b.channels() == 1 ? 0 : c]);
        spread(threads, a.pixels() / static_cast<std::size_t>(a.count), [&](std::size_t begin, std::size_t end) {
            const std::size_t at = begin * channels;
            channelwise(result.picture(n) + at, static_cast<const E*>(a.picture(n)) + at,
                        sum.data ? static_cast<const E*>(sum.picture(n)) + at : nullptr, end - begin, channels, scale,
                        shift, nullptr, epilogue);
        });
    }
}

}  // namespace

std::size_t loop_scratch(const Step& step, int pictures) {
    const auto channels = static_cast<std::size_t>(step.out_channels);
    const std::size_t all = channels * static_cast<std::size_t>(pictures);
    const bool norms = step.is<step::InstanceNorm>() || step.is<step::GroupNorm>() || step.is<step::Adain>();
    if (norms) return 2 * ChannelMoments::scratch(channels) + 2 * channels;
    if (step.is<step::GlobalAvgPool>()) return 3 * all;
    if (step.is<step::AdaptiveAvgPool>()) return channels;
    if (step.is<step::Mul>() || step.is<step::DivideByPeak>()) return 2 * all;
    return 0;
}

template <class E>
void pointwise(const Block<E>& result, const E* a, const E* sum, Epilogue epilogue, int threads) {
    spread(threads, result.elements(), [&](std::size_t begin, std::size_t end) {
        pointwise(result.data + begin, a + begin, sum ? sum + begin : nullptr, end - begin, epilogue);
    });
}
template void pointwise<float>(const Block<float>&, const float*, const float*, Epilogue, int);
template void pointwise<Bf16>(const Block<Bf16>&, const Bf16*, const Bf16*, Epilogue, int);

template <class E>
void interleave(const Block<E>& result, const E* parities, int threads) {
    const std::size_t channels = result.channels(), width = static_cast<std::size_t>(result.shape.width) / 2;
    const std::size_t rows = result.pixels() / static_cast<std::size_t>(result.shape.width);
    spread(threads, rows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y)
            for (std::size_t odd = 0; odd < 2; ++odd) {
                const E* from = parities + (y % 2 * 2 + odd) * result.elements() / 4 + y / 2 * width * channels;
                copy_channels(result.data + (y * 2 * width + odd) * channels, 2 * channels, from, channels, channels,
                              width);
            }
    });
}
template void interleave<float>(const Block<float>&, const float*, int);
template void interleave<Bf16>(const Block<Bf16>&, const Bf16*, int);

void copy_spread(std::byte* to, const std::byte* from, std::size_t bytes, int threads) {
    spread(threads, bytes / 64 + 1, [&](std::size_t begin, std::size_t end) {
        const std::size_t first = begin * 64, last = std::min(bytes, end * 64);
        if (first < last) std::memcpy(to + first, from + first, last - first);
    });
}

namespace {

/// The call of an operation that is a factor and a summand for each channel; with `slopes`, a leaky ReLU of channels.
template <class E>
std::function<void()> channelwise_call(const Block<E>& x, const Block<E>& sum, const Block<E>& result,
                                       ChannelNumbers numbers, std::vector<float> slopes, Epilogue epilogue,
                                       int threads) {
    return [=, numbers = std::move(numbers), slopes = std::move(slopes)] {
        const std::size_t channels = x.channels();
        spread(threads, x.pixels(), [&](std::size_t begin, std::size_t end) {
            const std::size_t at = begin * channels;
            channelwise(result.data + at, static_cast<const E*>(x.data) + at,
                        sum.data ? static_cast<const E*>(sum.data) + at : nullptr, end - begin, channels,
                        numbers.scale.data(), numbers.shift.data(), slopes.empty() ? nullptr : slopes.data(), epilogue);
        });
    };
}

template <class E>
void concat(const std::vector<Block<E>>& parts, const Block<E>& result, int threads) {
    spread(threads, result.pixels(), [&](std::size_t begin, std::size_t end) {
        std::size_t first = 0;
        for (const Block<E>& part : parts) {
            copy_channels(result.data + begin * result.channels() + first, result.channels(),
                          static_cast<const E*>(part.data) + begin * part.channels(), part.channels(), part.channels(),
                          end - begin);
            first += part.channels();
        }
    });
}

}  // namespace

template <class E>
std::function<void()> loop_of(const Plan& plan, const Operation& o, const Weights& weights,
                              const std::vector<Block<E>>& inputs, const Block<E>& sum, const Block<E>& result,
                              float* scratch, int threads) {
    using Call = std::function<void()>;
    const Step& s = plan.steps[o.step];
    const Block<E> x = inputs.at(0);
    const Epilogue epilogue = o.epilogue;
    const auto channels = static_cast<std::size_t>(s.out_channels);
    if (o.pointwise)
        return [=] { affectsr::engine::pointwise(result, static_cast<const E*>(x.data), sum.data, epilogue, threads); };
    if (is_affine(s)) return channelwise_call(x, sum, result, weights.affine(o, channels), {}, epilogue, threads);
    const auto smooth = [&]() -> Call {
        return [=, down = *taps_of(s, x.shape.height), across = *taps_of(s, x.shape.width)] {
            enlarge_smooth(x, result, down, across, threads);
        };
    };
    return std::visit(
        OneOfThese{
            [&](const step::Mul&) -> Call {
                return [=, b = inputs.at(1)] { multiply(x, b, sum, result, epilogue, scratch, threads); };
            },
            [&](const step::Prelu& p) -> Call {
                std::vector<float> slopes = weights.tensor(s, "weight");
                if (p.one_slope) slopes.assign(channels, slopes.at(0));
                return channelwise_call(x, sum, result, weights.affine(o, channels), std::move(slopes), epilogue,
                                        threads);
            },
            [&](const step::InstanceNorm& n) -> Call {
                return [=, learned = weights.scale_and_shift(s), epsilon = n.epsilon] {
                    instance_norm(x, sum, result, learned, epsilon, epilogue, scratch, threads);
                };
            },
            [&](const step::GroupNorm& n) -> Call {
                return [=, learned = weights.scale_and_shift(s), groups = n.groups, epsilon = n.epsilon] {
                    group_norm(x, sum, result, learned, groups, epsilon, epilogue, scratch, threads);
                };
            },
            [&](const step::Gelu&) -> Call { return [=] { gelu(x, result, threads); }; },
            [&](const step::Attention& a) -> Call {
                return [=, keys = inputs.at(1), values = inputs.at(2), heads = a.heads] {
                    attention(x, keys, values, result, heads, scratch, threads);
                };
            },
            [&](const step::Lookup&) -> Call {
                return [=, book = weights.tensor(s, "weight")] { lookup(x, result, book); };
            },
            [&](const step::Adain& a) -> Call {
                return [=, like = inputs.at(1), epsilon = a.epsilon] {
                    adain(x, like, result, epsilon, scratch, threads);
                };
            },
            [&](const step::AddParameter& a) -> Call {
                return [=, added = positions_first(weights.tensor(s, "weight"), a.height * a.width, s.out_channels)] {
                    add_to_each_picture(static_cast<const E*>(x.data), result, added, threads);
                };
            },
            [&](const step::Constant& c) -> Call {
                return [=, added = positions_first(weights.tensor(s, "weight"), c.height * c.width, s.out_channels)] {
                    add_to_each_picture(static_cast<const E*>(nullptr), result, added, threads);
                };
            },
            [&](const step::AddNoise&) -> Call {
                return [=, noise = noise_of(weights, s), numbers = weights.affine(o, channels)] {
                    add_noise(x, noise, numbers, sum, result, epilogue, threads);
                };
            },
            [&](const step::Demodulation& d) -> Call {
                return [=, squares = squared_sums(weights.tensor(s, "weight"), d.kernel * d.kernel),
                        epsilon = d.epsilon] { demodulate(x, result, squares, epsilon); };
            },
            [&](const step::Softmax& soft) -> Call {
                return [=, parts = soft.parts] { softmax_over_parts(x, result, parts); };
            },
            [&](const step::MixPositions& mix) -> Call {
                return [=, mixing = PositionMixing(mix)] { mix_positions(x, result, mixing, threads); };
            },
            [&](const step::Concat&) -> Call { return [=] { concat(inputs, result, threads); }; },
            [&](const step::Slice& slice) -> Call {
                return [=, first = static_cast<std::size_t>(slice.begin)] {
                    copy_channels(result.data, result.channels(), static_cast<const E*>(x.data) + first, x.channels(),
                                  result.channels(), x.pixels());
                };
            },
            [&](const step::Pad& p) -> Call { return [=, margins = p.margins] { pad(x, result, margins); }; },
            [&](const step::PadReflected& p) -> Call {
                return [=, margins = p.margins] { pad_reflected(x, result, margins, threads); };
            },
            [&](const step::SumChannels& c) -> Call {
                return [=, groups = c.groups] { sum_channels(x, result, groups); };
            },
            [&](const step::DivideByPeak& d) -> Call {
                return [=, least = static_cast<float>(d.least)] { divide_by_peak(x, result, least, scratch, threads); };
            },
            [&](const step::GlobalAvgPool&) -> Call { return [=] { global_avg_pool(x, result, scratch, threads); }; },
            [&](const step::AdaptiveAvgPool&) -> Call { return [=] { adaptive_avg_pool(x, result, scratch); }; },
            [&](const step::EnlargeNearest& e) -> Call {
                return [=, factor = e.factor] { enlarge_nearest(x, result, factor, threads); };
            },
            [&](const step::EnlargeBilinear&) -> Call { return smooth(); },
            [&](const step::EnlargeBicubic&) -> Call { return smooth(); },
            [&](const step::PixelShuffle& p) -> Call {
                return [=, factor = p.factor] { shuffle(x, result, factor, threads); };
            },
            [&](const step::PixelUnshuffle& p) -> Call {
                return [=, factor = p.factor] { unshuffle(x, result, factor); };
            },
            [&](const step::Flatten&) -> Call { return [=] { flatten(x, result); }; },
            [](const auto&) -> Call { return {}; },
        },
        s.kind);
}
template std::function<void()> loop_of<float>(const Plan&, const Operation&, const Weights&,
                                              const std::vector<Block<float>>&, const Block<float>&,
                                              const Block<float>&, float*, int);
template std::function<void()> loop_of<Bf16>(const Plan&, const Operation&, const Weights&,
                                             const std::vector<Block<Bf16>>&, const Block<Bf16>&, const Block<Bf16>&,
                                             float*, int);

}  // namespace affectsr::engine
