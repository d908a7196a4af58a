#include "affectsr/engine/training_kernels.h"

#include <algorithm>

#include "affectsr/engine/kernel_parts.h"

namespace affectsr::engine {

namespace {

constexpr std::size_t kBlock = 64;  // numbers that stay in registers or the nearest cache while others are added

template <class E>
AFFECTSR_INLINE void times_derivative(E* out, const float* sum, const E* result, Derivative d, std::size_t count) {
    if (d.activation == Activation::none) {
        for (std::size_t i = 0; i < count; ++i) store(out[i], sum[i]);
        return;
    }
    const float below = d.activation == Activation::relu ? 0.0f : d.slope;
    for (std::size_t i = 0; i < count; ++i) store(out[i], load(result[i]) > 0 ? sum[i] : below * sum[i]);
}

/// `count` numbers that lie side by side in every share, from `offset[s]` on.
template <class E>
AFFECTSR_INLINE void add_up_run(E* out, const Addend<E>* shares, std::size_t share_count, std::size_t pixel,
                                std::size_t first, const E* result, Derivative d, std::size_t count) {
    float sum[kBlock];
    const E* g = shares[0].data + pixel * shares[0].pitch + first;
    const float factor = shares[0].factor;
    for (std::size_t i = 0; i < count; ++i) sum[i] = factor * load(g[i]);
    for (std::size_t s = 1; s < share_count; ++s) {
        const E* more = shares[s].data + pixel * shares[s].pitch + first;
        const float by = shares[s].factor;
        for (std::size_t i = 0; i < count; ++i) sum[i] += by * load(more[i]);
    }
    times_derivative(out, sum, result, d, count);
}

/// Of few channels, which lie apart in the shares: as many pixels at once as make whole vectors.
template <std::size_t kRun, class E>
AFFECTSR_INLINE void add_up_narrow(E* out, const Addend<E>* shares, std::size_t share_count, const E* result,
                                   Derivative d, std::size_t pixels, std::size_t channels) {
    constexpr std::size_t kNumbers = 4 * kBlock;
    float sum[kNumbers];
    const std::size_t at_once = kNumbers / channels;
    for (std::size_t p = 0; p < pixels; p += at_once) {
        const std::size_t here = std::min(at_once, pixels - p);
        for (std::size_t s = 0; s < share_count; ++s) {
            const float by = shares[s].factor;
            for (std::size_t q = 0; q < here; ++q)
                for (std::size_t first = 0; first < channels; first += kRun) {
                    const E* g = shares[s].data + (p + q) * shares[s].pitch + first;
                    float* to = sum + q * channels + first;
                    if (s == 0) {
#pragma GCC unroll 1
                        for (std::size_t i = 0; i < kRun; ++i) to[i] = by * load(g[i]);
                    } else {
#pragma GCC unroll 1
                        for (std::size_t i = 0; i < kRun; ++i) to[i] += by * load(g[i]);
                    }
                }
        }
        times_derivative(out + p * channels, sum, result == nullptr ? nullptr : result + p * channels, d,
                         here * channels);
    }
}

template <class E>
AFFECTSR_INLINE void add_up_body(E* out, const Addend<E>* shares, std::size_t share_count, const E* result,
                                 Derivative d, std::size_t pixels, std::size_t channels) {
    const bool dense = std::all_of(shares, shares + share_count, [&](const auto& s) { return s.pitch == channels; });
    if (!dense && channels < kBlock && channels % 8 == 0) {
        if (channels % 16 == 0) return add_up_narrow<16>(out, shares, share_count, result, d, pixels, channels);
        return add_up_narrow<8>(out, shares, share_count, result, d, pixels, channels);
    }
    const std::size_t rows = dense ? 1 : pixels, row = dense ? pixels * channels : channels;
    for (std::size_t p = 0; p < rows; ++p) {
        std::size_t first = 0;
        const E* mask = result == nullptr ? nullptr : result + p * row;
        for (; first + kBlock <= row; first += kBlock)
            add_up_run(out + p * row + first, shares, share_count, p, first, mask + first, d, kBlock);
        for (; first + 32 <= row; first += 32)
            add_up_run(out + p * row + first, shares, share_count, p, first, mask + first, d, 32);
        if (first < row) add_up_run(out + p * row + first, shares, share_count, p, first, mask + first, d, row - first);
    }
}

/// Calls body(first, width, whole) for blocks of channels; `whole` is a constant for those of full width.
template <class Body>
AFFECTSR_INLINE void by_blocks(std::size_t channels, Body body) {
    constexpr std::size_t kWidth = 32;
    std::size_t first = 0;
    for (; first + kWidth <= channels; first += kWidth) body(first, kWidth);
    if (first < channels) body(first, channels - first);
}

template <class E>
AFFECTSR_INLINE void add_norm_sums_body(const E* g, const E* x, const float* mean, std::size_t pixels,
                                        std::size_t channels, float* sums, float* products) {
    by_blocks(
        channels, [&](std::size_t first, std::size_t width) __attribute__((always_inline)) {
            float sum[32] = {}, product[32] = {}, from[32] = {};
            std::copy_n(mean + first, width, from);
            const auto add = [&](std::size_t count) __attribute__((always_inline)) {
                for (std::size_t p = 0; p < pixels; ++p)
                    for (std::size_t c = 0; c < count; ++c) {
                        const float slope = load(g[p * channels + first + c]);
                        sum[c] += slope;
                        product[c] += slope * (load(x[p * channels + first + c]) - from[c]);
                    }
            };
            if (width == 32)
                add(32);
            else
                add(width);
            for (std::size_t c = 0; c < width; ++c) {
                sums[first + c] += sum[c];
                products[first + c] += product[c];
            }
        });
}

template <class E>
AFFECTSR_INLINE void norm_backward_body(E* out, const E* g, const E* x, const NormBackward& n, std::size_t pixels,
                                        std::size_t channels) {
    for (std::size_t p = 0; p < pixels; ++p)
        for (std::size_t c = 0; c < channels; ++c) {
            const std::size_t i = p * channels + c;
            store(out[i], n.of_gradient[c] * load(g[i]) + n.of_value[c] * (load(x[i]) - n.mean[c]) + n.constant[c]);
        }
}

template <class E>
AFFECTSR_INLINE void shrink_row_body(E* out, const E* rows, std::size_t width, std::size_t channels,
                                     std::size_t factor) {
    const std::size_t row = width * factor * channels;
    for (std::size_t x = 0; x < width; ++x)
        by_blocks(
            channels, [&](std::size_t first, std::size_t count) __attribute__((always_inline)) {
                float sum[32] = {};
                for (std::size_t i = 0; i < factor; ++i)
                    for (std::size_t j = 0; j < factor; ++j) {
                        const E* from = rows + i * row + (x * factor + j) * channels + first;
                        for (std::size_t c = 0; c < count; ++c) sum[c] += load(from[c]);
                    }
                for (std::size_t c = 0; c < count; ++c) store(out[x * channels + first + c], sum[c]);
            });
}

template <class E>
AFFECTSR_INLINE void add_scaled_body(float* sums, const E* a, float weight, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) sums[i] += weight * load(a[i]);
}

template <class E>
AFFECTSR_INLINE void collect_row_body(E* out, const float* row, const RowCollection& from) {
    const std::size_t channels = from.channels;
    for (std::size_t x = 0; x < from.width; ++x)
        by_blocks(
            channels, [&](std::size_t first, std::size_t count) __attribute__((always_inline)) {
                float sum[32] = {};
                for (std::size_t k = from.first[x]; k < from.first[x + 1]; ++k) {
                    const float* pixel = row + static_cast<std::size_t>(from.pixels[k]) * channels + first;
                    for (std::size_t c = 0; c < count; ++c) sum[c] += from.weights[k] * pixel[c];
                }
                for (std::size_t c = 0; c < count; ++c) store(out[x * channels + first + c], sum[c]);
            });
}

template <class E>
AFFECTSR_INLINE void gated_body(E* out, const E* a, const E* gate, std::size_t pixels, std::size_t channels) {
    for (std::size_t p = 0; p < pixels; ++p)
        for (std::size_t c = 0; c < channels; ++c)
            store(out[p * channels + c], load(a[p * channels + c]) * load(gate[c]));
}

template <class E>
AFFECTSR_INLINE void add_products_body(const E* a, const E* b, std::size_t pixels, std::size_t channels, float* sums) {
    for (std::size_t p = 0; p < pixels; ++p)
        for (std::size_t c = 0; c < channels; ++c) {
            const float value = load(a[p * channels + c]);
            sums[c] += b == nullptr ? value : value * load(b[p * channels + c]);
        }
}

}  // namespace

// A clone cannot be a template, so each kernel is spelled for both element types.
#define AFFECTSR_TRAINING_KERNELS(E)                                                                                   \
    template <>                                                                                                        \
    AFFECTSR_CLONES void add_up(E* out, const Addend<E>* shares, std::size_t share_count, const E* result,             \
                                Derivative derivative, std::size_t pixels, std::size_t channels) {                     \
        add_up_body(out, shares, share_count, result, derivative, pixels, channels);                                   \
    }                                                                                                                  \
    template <>                                                                                                        \
    AFFECTSR_CLONES void add_norm_sums(const E* g, const E* x, const float* mean, std::size_t pixels,                  \
                                       std::size_t channels, float* sums, float* products) {                           \
        add_norm_sums_body(g, x, mean, pixels, channels, sums, products);                                              \
    }                                                                                                                  \
    template <>                                                                                                        \
    AFFECTSR_CLONES void norm_backward(E* out, const E* g, const E* x, const NormBackward& numbers,                    \
                                       std::size_t pixels, std::size_t channels) {                                     \
        norm_backward_body(out, g, x, numbers, pixels, channels);                                                      \
    }                                                                                                                  \
    template <>                                                                                                        \
    AFFECTSR_CLONES void shrink_row(E* out, const E* rows, std::size_t width, std::size_t channels,                    \
                                    std::size_t factor) {                                                              \
        shrink_row_body(out, rows, width, channels, factor);                                                           \
    }                                                                                                                  \
    template <>                                                                                                        \
    AFFECTSR_CLONES void add_scaled(float* sums, const E* a, float weight, std::size_t count) {                        \
        add_scaled_body(sums, a, weight, count);                                                                       \
    }                                                                                                                  \
    template <>                                                                                                        \
    AFFECTSR_CLONES void collect_row(E* out, const float* row, const RowCollection& from) {                            \
        collect_row_body(out, row, from);                                                                              \
    }                                                                                                                  \
    template <>                                                                                                        \
    AFFECTSR_CLONES void gated(E* out, const E* a, const E* gate, std::size_t pixels, std::size_t channels) {          \
        gated_body(out, a, gate, pixels, channels);                                                                    \
    }                                                                                                                  \
    template <>                                                                                                        \
    AFFECTSR_CLONES void add_products(const E* a, const E* b, std::size_t pixels, std::size_t channels, float* sums) { \
        add_products_body(a, b, pixels, channels, sums);                                                               \
    }
AFFECTSR_TRAINING_KERNELS(float)
AFFECTSR_TRAINING_KERNELS(Bf16)

}  // namespace affectsr::engine
