#include "affectsr/engine/training_loops.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "affectsr/engine/cores.h"

namespace affectsr::engine {

namespace {

constexpr std::size_t kPixels = 128;  // added up in float32 before they join a sum in double; they stay in the cache

/// Calls work(begin, end) for stretches of at most kPixels.
template <class Work>
void by_stretches(std::size_t begin, std::size_t end, const Work& work) {
    for (std::size_t p = begin; p < end; p += kPixels) work(p, std::min(p + kPixels, end));
}

/// Two sums of each channel.
struct TwoSums {
    std::vector<double> first, second;
    std::vector<float> near_first, near_second;
    explicit TwoSums(std::size_t channels)
        : first(channels), second(channels), near_first(channels), near_second(channels) {}
    /// `add(first, second)` adds to float32 sums that begin at 0.
    template <class Add>
    void gather(const Add& add) {
        std::fill(near_first.begin(), near_first.end(), 0.0f);
        std::fill(near_second.begin(), near_second.end(), 0.0f);
        add(near_first.data(), near_second.data());
        for (std::size_t c = 0; c < first.size(); ++c) {
            first[c] += static_cast<double>(near_first[c]);
            second[c] += static_cast<double>(near_second[c]);
        }
    }
};

/// Both sums over 0…pixels, each thread a stretch of its own, joined in the order of threads.
template <class Work>
TwoSums two_sums(int threads, std::size_t pixels, std::size_t channels, const Work& work) {
    const auto parts = static_cast<std::size_t>(std::max(threads, 1));
    std::vector<TwoSums> sums(parts, TwoSums(channels));
    spread(threads, parts, [&](std::size_t begin, std::size_t end) {
        for (std::size_t part = begin; part < end; ++part)
            by_stretches(pixels * part / parts, pixels * (part + 1) / parts,
                         [&](std::size_t from, std::size_t to) { work(sums[part], from, to); });
    });
    for (std::size_t part = 1; part < parts; ++part)
        for (std::size_t c = 0; c < channels; ++c) {
            sums[0].first[c] += sums[part].first[c];
            sums[0].second[c] += sums[part].second[c];
        }
    return std::move(sums[0]);
}

template <class E>
std::vector<Addend<E>> from_pixel(std::vector<Addend<E>> shares, std::size_t pixel) {
    for (Addend<E>& share : shares) share.data += pixel * share.pitch;
    return shares;
}

/// A stretch of pixels over which a norm has one mean.
struct NormGroup {
    std::size_t begin, pixels, channels;
};

template <class E>
void find_statistics(const NormGroup& group, const E* x, double epsilon, float* mean, float* inverse_deviation,
                     double* variance, int threads) {
    const std::size_t channels = group.channels;
    const E* from = x + group.begin * channels;
    std::vector<float> origin(channels);
    for (std::size_t c = 0; c < channels; ++c) origin[c] = to_float(from[c]);
    const TwoSums sums =
        two_sums(threads, group.pixels, channels, [&](TwoSums& to, std::size_t begin, std::size_t end) {
            to.gather([&](float* first, float* second) {
                add_moments(from + begin * channels, end - begin, channels, origin.data(), first, second);
            });
        });
    const auto count = static_cast<double>(group.pixels);
    for (std::size_t c = 0; c < channels; ++c) {
        const double off = sums.first[c] / count;
        const double squares = std::max(sums.second[c] / count - off * off, 0.0);
        mean[c] = static_cast<float>(static_cast<double>(origin[c]) + off);
        inverse_deviation[c] = static_cast<float>(1 / std::sqrt(squares + epsilon));
        if (variance != nullptr) variance[c] = squares;
    }
}

/// y = x · scale + shift of a norm.
void find_affine(const NormWeights& weights, const float* mean, const float* inverse_deviation, std::size_t channels,
                 std::vector<float>& scale, std::vector<float>& shift) {
    scale.resize(channels);
    shift.resize(channels);
    for (std::size_t c = 0; c < channels; ++c) {
        scale[c] = (weights.scale == nullptr ? 1.0f : weights.scale[c]) * inverse_deviation[c];
        shift[c] = (weights.shift == nullptr ? 0.0f : weights.shift[c]) - mean[c] * scale[c];
    }
}

/// The whole batch, or every picture.
template <class E>
std::vector<NormGroup> groups_of(const Block<E>& x, bool by_picture) {
    const std::size_t pixels = x.pixels(), pictures = static_cast<std::size_t>(x.count);
    if (!by_picture) return {{0, pixels, x.channels()}};
    std::vector<NormGroup> groups;
    for (std::size_t n = 0; n < pictures; ++n)
        groups.push_back({n * (pixels / pictures), pixels / pictures, x.channels()});
    return groups;
}

/// Calls work(group, index, threads): many groups are a thread's each, one is spread.
template <class Work>
void by_groups(const std::vector<NormGroup>& groups, int threads, const Work& work) {
    if (groups.size() == 1) return work(groups[0], std::size_t{0}, threads);
    spread(threads, groups.size(), [&](std::size_t begin, std::size_t end) {
        for (std::size_t g = begin; g < end; ++g) work(groups[g], g, 1);
    });
}

}  // namespace

template <class E>
void sum_forward(const Block<E>& result, const std::vector<Addend<E>>& terms, Epilogue epilogue, int threads) {
    const Addend<E>*first = &terms[0], *second = terms.size() == 2 ? &terms[1] : nullptr;
    if (second != nullptr && second->factor != 1) std::swap(first, second);
    const bool is_simple = terms.size() == 1 || (second != nullptr && second->factor == 1);
    spread(threads, result.elements(), [&](std::size_t begin, std::size_t end) {
        E* out = result.data + begin;
        Epilogue after = epilogue;
        if (is_simple) {
            after.factor = first->factor;
            return pointwise(out, first->data + begin, second == nullptr ? nullptr : second->data + begin, end - begin,
                             after);
        }
        std::vector<Addend<E>> from = terms;
        for (Addend<E>& term : from) {
            term.data += begin;
            term.pitch = end - begin;
        }
        add_up(out, from.data(), from.size(), static_cast<const E*>(nullptr), Derivative{}, 1, end - begin);
        if (epilogue.activation != Activation::none)
            pointwise(out, out, static_cast<const E*>(nullptr), end - begin, epilogue);
    });
}

template <class E>
void norm_forward(const Block<E>& result, const E* x, const E* added, const NormWeights& weights, Epilogue epilogue,
                  NormStatistics& statistics, float* running_mean, float* running_var, int threads) {
    const std::size_t channels = result.channels();
    const std::vector<NormGroup> groups = groups_of(result, weights.by_picture);
    statistics.mean.resize(groups.size() * channels);
    statistics.inverse_deviation.resize(groups.size() * channels);
    std::vector<double> variance(running_var == nullptr ? 0 : channels);
    by_groups(groups, threads, [&](const NormGroup& group, std::size_t index, int of_group) {
        float* mean = statistics.mean.data() + index * channels;
        float* inverse_deviation = statistics.inverse_deviation.data() + index * channels;
        find_statistics(group, x, weights.epsilon, mean, inverse_deviation,
                        variance.empty() ? nullptr : variance.data(), of_group);
        std::vector<float> scale, shift;
        find_affine(weights, mean, inverse_deviation, channels, scale, shift);
        spread(of_group, group.pixels, [&](std::size_t begin, std::size_t end) {
            const std::size_t from = (group.begin + begin) * channels;
            channelwise(result.data + from, x + from, added == nullptr ? nullptr : added + from, end - begin, channels,
                        scale.data(), shift.data(), static_cast<const float*>(nullptr), epilogue);
        });
    });
    if (running_mean == nullptr) return;
    constexpr double kMomentum = 0.1;
    const auto count = static_cast<double>(result.pixels());
    for (std::size_t c = 0; c < channels; ++c) {
        const auto move = [](float& value, double towards) {
            value = static_cast<float>((1 - kMomentum) * static_cast<double>(value) + kMomentum * towards);
        };
        move(running_mean[c], static_cast<double>(statistics.mean[c]));
        move(running_var[c], variance[c] * count / std::max(count - 1, 1.0));
    }
}

template <class E>
void add_up_spread(const Block<E>& summed, const std::vector<Addend<E>>& shares, const E* result, Derivative derivative,
                   int threads) {
    const std::size_t channels = summed.channels();
    spread(threads, summed.pixels(), [&](std::size_t begin, std::size_t end) {
        const std::vector<Addend<E>> from = from_pixel(shares, begin);
        add_up(summed.data + begin * channels, from.data(), from.size(),
               result == nullptr ? nullptr : result + begin * channels, derivative, end - begin, channels);
    });
}

template <class E>
void norm_backward_spread(const Block<E>& x_gradient, E* summed, const std::vector<Addend<E>>& shares, const E* result,
                          Derivative derivative, const E* x, const NormWeights& weights,
                          const NormStatistics& statistics, float* scale_gradient, float* shift_gradient, int threads) {
    const std::size_t channels = x_gradient.channels();
    const E* const gradient = summed == nullptr ? shares[0].data : summed;
    const std::vector<NormGroup> groups = groups_of(x_gradient, weights.by_picture);
    std::vector<float> of_scale(groups.size() * channels), of_shift(groups.size() * channels);
    by_groups(groups, threads, [&](const NormGroup& group, std::size_t index, int of_group) {
        const float* mean = statistics.mean.data() + index * channels;
        const float* inverse_deviation = statistics.inverse_deviation.data() + index * channels;
        const TwoSums sums =
            two_sums(of_group, group.pixels, channels, [&](TwoSums& to, std::size_t begin, std::size_t end) {
                const std::size_t pixel = group.begin + begin, from = pixel * channels;
                if (summed != nullptr) {
                    const std::vector<Addend<E>> here = from_pixel(shares, pixel);
                    add_up(summed + from, here.data(), here.size(), result == nullptr ? nullptr : result + from,
                           derivative, end - begin, channels);
                }
                to.gather([&](float* first, float* second) {
                    add_norm_sums(gradient + from, x + from, mean, end - begin, channels, first, second);
                });
            });
        // With x̂ = (x − mean) / deviation: dx = scale / deviation · (dy − mean(dy) − x̂ · mean(dy · x̂)).
        std::vector<float> of_gradient(channels), of_value(channels), constant(channels);
        const auto count = static_cast<double>(group.pixels);
        for (std::size_t c = 0; c < channels; ++c) {
            const auto inverse = static_cast<double>(inverse_deviation[c]);
            const double scale = (weights.scale == nullptr ? 1.0 : static_cast<double>(weights.scale[c])) * inverse;
            of_gradient[c] = static_cast<float>(scale);
            of_value[c] = static_cast<float>(-scale * inverse * inverse * sums.second[c] / count);
            constant[c] = static_cast<float>(-scale * sums.first[c] / count);
            of_scale[index * channels + c] = static_cast<float>(sums.second[c] * inverse);
            of_shift[index * channels + c] = static_cast<float>(sums.first[c]);
        }
        if (x_gradient.data == nullptr) return;
        const NormBackward numbers{mean, of_gradient.data(), of_value.data(), constant.data()};
        spread(of_group, group.pixels, [&](std::size_t begin, std::size_t end) {
            const std::size_t from = (group.begin + begin) * channels;
            norm_backward(x_gradient.data + from, gradient + from, x + from, numbers, end - begin, channels);
        });
    });
    const auto join = [&](float* to, const std::vector<float>& parts) {
        if (to == nullptr) return;
        for (std::size_t c = 0; c < channels; ++c) {
            double sum = 0;
            for (std::size_t g = 0; g < groups.size(); ++g) sum += static_cast<double>(parts[g * channels + c]);
            to[c] = static_cast<float>(sum);
        }
    };
    join(scale_gradient, of_scale);
    join(shift_gradient, of_shift);
}

template <class E>
void enlarge_forward(const Block<E>& result, const E* x, int factor, int threads) {
    const auto f = static_cast<std::size_t>(factor), channels = result.channels();
    const auto width = static_cast<std::size_t>(result.shape.width);
    const std::size_t rows = result.pixels() / width / f, row = width * channels;
    spread(threads, rows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            E* const first = result.data + y * f * row;
            for (std::size_t column = 0; column < f; ++column)
                copy_channels(first + column * channels, f * channels, x + y * row / f, channels, channels, width / f);
            for (std::size_t copy = 1; copy < f; ++copy) std::memcpy(first + copy * row, first, row * sizeof(E));
        }
    });
}

template <class E>
void enlarge_backward(const Block<E>& x_gradient, const E* gradient, int factor, int threads) {
    const auto f = static_cast<std::size_t>(factor), channels = x_gradient.channels();
    const auto width = static_cast<std::size_t>(x_gradient.shape.width);
    spread(threads, x_gradient.pixels() / width, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y)
            shrink_row(x_gradient.data + y * width * channels, gradient + y * f * f * width * channels, width, channels,
                       f);
    });
}

template <class E>
void mean_forward(E* result, const Block<E>& x, int threads) {
    const std::size_t channels = x.channels(), pixels = x.pixels() / static_cast<std::size_t>(x.count);
    spread(threads, static_cast<std::size_t>(x.count), [&](std::size_t begin, std::size_t end) {
        std::vector<float> sums(channels);
        for (std::size_t n = begin; n < end; ++n) {
            std::fill(sums.begin(), sums.end(), 0.0f);
            add_products(x.data + n * pixels * channels, static_cast<const E*>(nullptr), pixels, channels, sums.data());
            for (std::size_t c = 0; c < channels; ++c)
                result[n * channels + c] = from_float<E>(sums[c] / static_cast<float>(pixels));
        }
    });
}

template <class E>
void mean_backward(const Block<E>& x_gradient, const E* gradient, int threads) {
    const std::size_t channels = x_gradient.channels();
    const std::size_t pixels = x_gradient.pixels() / static_cast<std::size_t>(x_gradient.count);
    spread(threads, static_cast<std::size_t>(x_gradient.count), [&](std::size_t begin, std::size_t end) {
        for (std::size_t n = begin; n < end; ++n) {
            E* const first = x_gradient.data + n * pixels * channels;
            for (std::size_t c = 0; c < channels; ++c)
                first[c] = from_float<E>(to_float(gradient[n * channels + c]) / static_cast<float>(pixels));
            for (std::size_t p = 1; p < pixels; ++p) std::memcpy(first + p * channels, first, channels * sizeof(E));
        }
    });
}

template <class E>
void gate_forward(const Block<E>& result, const E* x, const E* gate, int threads) {
    const std::size_t channels = result.channels(), pixels = result.pixels() / static_cast<std::size_t>(result.count);
    spread(threads, static_cast<std::size_t>(result.count), [&](std::size_t begin, std::size_t end) {
        for (std::size_t n = begin; n < end; ++n)
            gated(result.data + n * pixels * channels, x + n * pixels * channels, gate + n * channels, pixels,
                  channels);
    });
}

template <class E>
void gate_backward(const Block<E>& x, const E* gate, const E* gradient, E* x_gradient, E* gate_gradient, int threads) {
    const std::size_t channels = x.channels(), pixels = x.pixels() / static_cast<std::size_t>(x.count);
    spread(threads, static_cast<std::size_t>(x.count), [&](std::size_t begin, std::size_t end) {
        std::vector<float> sums(channels);
        for (std::size_t n = begin; n < end; ++n) {
            const std::size_t from = n * pixels * channels;
            if (x_gradient != nullptr) gated(x_gradient + from, gradient + from, gate + n * channels, pixels, channels);
            if (gate_gradient == nullptr) continue;
            std::fill(sums.begin(), sums.end(), 0.0f);
            add_products(gradient + from, static_cast<const E*>(x.data + from), pixels, channels, sums.data());
            for (std::size_t c = 0; c < channels; ++c) gate_gradient[n * channels + c] = from_float<E>(sums[c]);
        }
    });
}

#define AFFECTSR_TRAINING_LOOPS(E)                                                                                 \
    template void sum_forward(const Block<E>&, const std::vector<Addend<E>>&, Epilogue, int);                      \
    template void norm_forward(const Block<E>&, const E*, const E*, const NormWeights&, Epilogue, NormStatistics&, \
                               float*, float*, int);                                                               \
    template void add_up_spread(const Block<E>&, const std::vector<Addend<E>>&, const E*, Derivative, int);        \
    template void norm_backward_spread(const Block<E>&, E*, const std::vector<Addend<E>>&, const E*, Derivative,   \
                                       const E*, const NormWeights&, const NormStatistics&, float*, float*, int);  \
    template void enlarge_forward(const Block<E>&, const E*, int, int);                                            \
    template void enlarge_backward(const Block<E>&, const E*, int, int);                                           \
    template void mean_forward(E*, const Block<E>&, int);                                                          \
    template void mean_backward(const Block<E>&, const E*, int);                                                   \
    template void gate_forward(const Block<E>&, const E*, const E*, int);                                          \
    template void gate_backward(const Block<E>&, const E*, const E*, E*, E*, int);
AFFECTSR_TRAINING_LOOPS(float)
AFFECTSR_TRAINING_LOOPS(Bf16)

}  // namespace affectsr::engine
