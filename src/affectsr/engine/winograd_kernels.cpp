#include "affectsr/engine/winograd_kernels.h"

#include <array>

#include "affectsr/engine/kernel_parts.h"

namespace affectsr::engine {

namespace {

// The polynomials are told apart at 0, ±a, ±b and ∞. These points round less than the usual ±1, ±2 (Barabasz et al.
// 2020), and they and their powers are exact.
constexpr float kA = 0.625f, kB = 1.5f;
constexpr float kA2 = kA * kA, kB2 = kB * kB;

/// Bᵀ times a column of six.
AFFECTSR_INLINE void to_points(const float* d, float* t, std::size_t step) {
    const float d0 = d[0], d1 = d[1], d2 = d[2], d3 = d[3], d4 = d[4], d5 = d[5];
    const float even_a = d4 - kB2 * d2, odd_a = kA * (d3 - kB2 * d1);
    const float even_b = d4 - kA2 * d2, odd_b = kB * (d3 - kA2 * d1);
    t[0] = kA2 * kB2 * d0 - (kA2 + kB2) * d2 + d4;
    t[step] = even_a + odd_a;
    t[2 * step] = even_a - odd_a;
    t[3 * step] = even_b + odd_b;
    t[4 * step] = even_b - odd_b;
    t[5 * step] = kA2 * kB2 * d1 - (kA2 + kB2) * d3 + d5;
}

/// Aᵀ times a column of six.
AFFECTSR_INLINE void from_points(const float* m, float* y, std::size_t step) {
    const float sum_a = m[1] + m[2], difference_a = m[1] - m[2];
    const float sum_b = m[3] + m[4], difference_b = m[3] - m[4];
    y[0] = m[0] + sum_a + sum_b;
    y[step] = kA * difference_a + kB * difference_b;
    y[2 * step] = kA2 * sum_a + kB2 * sum_b;
    y[3 * step] = kA2 * kA * difference_a + kB2 * kB * difference_b + m[5];
}

/// The sixteen results of one channel.
AFFECTSR_INLINE void results_of(const float* products, std::size_t step, float (&y)[16]) {
    float half[24];
#pragma GCC unroll 6
    for (std::size_t x = 0; x < 6; ++x) {
        float column[6];
#pragma GCC unroll 6
        for (std::size_t i = 0; i < 6; ++i) column[i] = products[(6 * i + x) * step];
        from_points(column, half + x, 6);
    }
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i) from_points(half + 6 * i, y + 4 * i, 1);
}

/// G, eq. 8. Row p: (1, p, p²) over the product of p's differences to the other points.
struct WeightTransform {
    static constexpr double a = kA, b = kB, at_a = 2 * a * a * (a * a - b * b), at_b = 2 * b * b * (b * b - a * a);
    static constexpr double g[6][3] = {{1 / (a * a * b * b), 0, 0},        {1 / at_a, a / at_a, a* a / at_a},
                                       {1 / at_a, -a / at_a, a* a / at_a}, {1 / at_b, b / at_b, b* b / at_b},
                                       {1 / at_b, -b / at_b, b* b / at_b}, {0, 0, 1}};
};

constexpr std::size_t kLanes = 16;  // right channels that are transformed together

/// One left channel and `lanes` right ones.
AFFECTSR_INLINE void transform_weights(float* out, std::size_t step, const WinogradWeights& w, const float* from,
                                       std::size_t lanes) {
    constexpr const auto& g = WeightTransform::g;
    double taps[9][kLanes], rows[6][3][kLanes];
    for (std::size_t tap = 0; tap < 9; ++tap)
        for (std::size_t i = 0; i < lanes; ++i)
            taps[tap][i] = double{from[i * w.right_step + (w.turned ? 8 - tap : tap) * w.tap_step]};
    for (std::size_t y = 0; y < 6; ++y)
        for (std::size_t x = 0; x < 3; ++x)
            for (std::size_t i = 0; i < lanes; ++i)
                rows[y][x][i] = g[y][0] * taps[x][i] + g[y][1] * taps[3 + x][i] + g[y][2] * taps[6 + x][i];
    for (std::size_t y = 0; y < 6; ++y)
        for (std::size_t x = 0; x < 6; ++x)
            for (std::size_t i = 0; i < lanes; ++i)
                out[(6 * y + x) * step + i] =
                    static_cast<float>(rows[y][0][i] * g[x][0] + rows[y][1][i] * g[x][1] + rows[y][2][i] * g[x][2]);
}

}  // namespace

// In the loops over channels every iteration has its own places, which the compiler cannot know of so many pointers.

AFFECTSR_CLONES void winograd_input(float* out, std::size_t step, const float* const* pixels, std::size_t channels) {
    const float* from[kWinogradProducts];
    for (std::size_t i = 0; i < kWinogradProducts; ++i) from[i] = pixels[i];
#pragma GCC ivdep
    for (std::size_t c = 0; c < channels; ++c) {
        float half[kWinogradProducts];
#pragma GCC unroll 6
        for (std::size_t x = 0; x < 6; ++x) {
            const float column[6] = {from[x][c],      from[6 + x][c],  from[12 + x][c],
                                     from[18 + x][c], from[24 + x][c], from[30 + x][c]};
            to_points(column, half + x, 6);
        }
#pragma GCC unroll 6
        for (std::size_t y = 0; y < 6; ++y) to_points(half + 6 * y, out + 6 * y * step + c, step);
    }
}

AFFECTSR_CLONES void winograd_output(float* const* results, const float* const* sums, const float* products,
                                     std::size_t step, const float* bias, std::size_t channels, Epilogue e) {
    float* to[16];
    const float* added[16] = {};
    for (std::size_t i = 0; i < 16; ++i) to[i] = results[i];
    if (sums != nullptr)
        for (std::size_t i = 0; i < 16; ++i) added[i] = sums[i];
    with_activation(
        e.activation, [&]<Activation kActivation>() __attribute__((always_inline)) {
            if (sums != nullptr) {
#pragma GCC ivdep
                for (std::size_t c = 0; c < channels; ++c) {
                    float y[16];
                    results_of(products + c, step, y);
#pragma GCC unroll 16
                    for (std::size_t i = 0; i < 16; ++i)
                        to[i][c] = activate<kActivation>(e.factor * (y[i] + bias[c]) + added[i][c], e.slope);
                }
            } else {
#pragma GCC ivdep
                for (std::size_t c = 0; c < channels; ++c) {
                    float y[16];
                    results_of(products + c, step, y);
#pragma GCC unroll 16
                    for (std::size_t i = 0; i < 16; ++i)
                        to[i][c] = activate<kActivation>(e.factor * (y[i] + bias[c]), e.slope);
                }
            }
        });
}

void winograd_weights(float* out, const float* weights, std::size_t out_channels, std::size_t in_channels) {
    constexpr const auto& g = WeightTransform::g;
    for (std::size_t in = 0; in < in_channels; ++in)
        for (std::size_t o = 0; o < out_channels; ++o) {
            const float* w = weights + (o * in_channels + in) * 9;
            double rows[6][3];
            for (std::size_t y = 0; y < 6; ++y)
                for (std::size_t x = 0; x < 3; ++x)
                    rows[y][x] = g[y][0] * double{w[x]} + g[y][1] * double{w[3 + x]} + g[y][2] * double{w[6 + x]};
            for (std::size_t y = 0; y < 6; ++y)
                for (std::size_t x = 0; x < 6; ++x)
                    out[((6 * y + x) * in_channels + in) * out_channels + o] =
                        static_cast<float>(rows[y][0] * g[x][0] + rows[y][1] * g[x][1] + rows[y][2] * g[x][2]);
        }
}

AFFECTSR_CLONES void winograd_weights(float* out, const WinogradWeights& w, std::size_t begin, std::size_t end) {
    const std::size_t step = w.left * w.right;
    for (std::size_t left = begin; left < end; ++left) {
        const float* const from = w.data + left * w.left_step;
        float* const to = out + left * w.right;
        std::size_t right = 0;
        for (; right + kLanes <= w.right; right += kLanes)
            transform_weights(to + right, step, w, from + right * w.right_step, kLanes);
        if (right < w.right) transform_weights(to + right, step, w, from + right * w.right_step, w.right - right);
    }
}

}  // namespace affectsr::engine
