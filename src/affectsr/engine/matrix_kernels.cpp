// The product that covariances, congruences and functions of eigenvalues are made of.
#include <algorithm>
#include <cstring>

#include "affectsr/engine/kernel_parts.h"
#include "affectsr/engine/matrix_loops.h"

namespace affectsr::engine {

namespace {

constexpr std::size_t kTall = 4, kLanes = 8, kWide = 2 * kLanes;  // a tile of sums that stays in registers
constexpr std::size_t kDeep = 64;  // rows whose panel of kWide columns stays in the first cache

typedef double Lanes __attribute__((vector_size(kLanes * sizeof(double)), aligned(sizeof(double))));

/// Adds the product of `rows` rows to a tile of `out` of which `tall` × `wide` are there. `panel` is [rows, kWide].
AFFECTSR_INLINE void add_tile(double* out, std::size_t out_row, const double* a, std::size_t a_row, const double* panel,
                              std::size_t rows, std::size_t tall, std::size_t wide) {
    Lanes left[kTall] = {}, right[kTall] = {};
    if (tall == kTall)
        for (std::size_t p = 0; p < rows; ++p) {
            Lanes first, second;
            std::memcpy(&first, panel + p * kWide, sizeof first);
            std::memcpy(&second, panel + p * kWide + kLanes, sizeof second);
#pragma GCC unroll 4
            for (std::size_t i = 0; i < kTall; ++i) {
                left[i] += a[p * a_row + i] * first;
                right[i] += a[p * a_row + i] * second;
            }
        }
    else
        for (std::size_t p = 0; p < rows; ++p) {
            Lanes first, second;
            std::memcpy(&first, panel + p * kWide, sizeof first);
            std::memcpy(&second, panel + p * kWide + kLanes, sizeof second);
            for (std::size_t i = 0; i < tall; ++i) {
                left[i] += a[p * a_row + i] * first;
                right[i] += a[p * a_row + i] * second;
            }
        }
    for (std::size_t i = 0; i < tall; ++i) {
        double row[kWide];
        std::memcpy(row, &left[i], sizeof left[i]);
        std::memcpy(row + kLanes, &right[i], sizeof right[i]);
        for (std::size_t j = 0; j < wide; ++j) out[i * out_row + j] += row[j];
    }
}

AFFECTSR_INLINE void product_body(double* out, const double* a, const double* b, std::size_t rows, std::size_t m,
                                  std::size_t n, bool symmetric) {
    double panel[kDeep * kWide];
    std::fill_n(out, m * n, 0.0);
    for (std::size_t p = 0; p < rows; p += kDeep) {
        const std::size_t deep = std::min(kDeep, rows - p);
        for (std::size_t j = 0; j < n; j += kWide) {
            const std::size_t wide = std::min(kWide, n - j);
            std::fill_n(panel, deep * kWide, 0.0);
            for (std::size_t r = 0; r < deep; ++r) std::copy_n(b + (p + r) * n + j, wide, panel + r * kWide);
            const std::size_t below = symmetric ? std::min(m, j + wide) : m;  // the upper triangle, and its tiles
            for (std::size_t i = 0; i < below; i += kTall)
                add_tile(out + i * n + j, n, a + p * m + i, m, panel, deep, std::min(kTall, m - i), wide);
        }
    }
    if (symmetric)
        for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < i; ++j) out[i * n + j] = out[j * n + i];
}

}  // namespace

AFFECTSR_CLONES void transposed_product(double* out, const double* a, const double* b, std::size_t rows, std::size_t m,
                                        std::size_t n, bool symmetric) {
    product_body(out, a, b, rows, m, n, symmetric);
}

}  // namespace affectsr::engine
