// The transforms of Winograd's minimal filtering F(4×4, 3×3), Lavin & Gray 2016: 4×4 results of a 3×3 convolution from
// 36 products instead of 144. One thread each.
#pragma once

#include <cstddef>

#include "affectsr/engine/kernels.h"

namespace affectsr::engine {

constexpr std::size_t kWinogradProducts = 36;  ///< of a tile; each is a sum over input channels, so a matrix product
constexpr std::size_t kWinogradTile = 4;       ///< rows and columns of results
constexpr std::size_t kWinogradPatch = 6;      ///< rows and columns of the pixels that they see

/// Bᵀ d B, eq. 8: the patch's 36 pixels (row-major, each with its channels) → out[p · step + c] of every product p.
void winograd_input(float* out, std::size_t step, const float* const* pixels, std::size_t channels);

/// Aᵀ m A, eq. 8: products[p · step + c] → results[i][c] = epilogue(result + bias[c], sums[i][c]) of the tile's 16
/// pixels, row-major. `sums` may be null, and point to where `results` does.
void winograd_output(float* const* results, const float* const* sums, const float* products, std::size_t step,
                     const float* bias, std::size_t channels, Epilogue epilogue);

/// G g Gᵀ, eq. 8: weights [out_channels, in_channels, 3, 3] → [36, in_channels, out_channels].
void winograd_weights(float* out, const float* weights, std::size_t out_channels, std::size_t in_channels);

/// Weights of a 3×3 convolution where they lie, as left and right channels of its products: w[left, right, tap] =
/// data[left · left_step + right · right_step + tap · tap_step]; `turned` by half a circle, as the way back wants them.
struct WinogradWeights {
    const float* data = nullptr;
    std::size_t left = 0, right = 0;
    std::size_t left_step = 0, right_step = 0, tap_step = 0;
    bool turned = false;
};
/// The same of left channels begin…end: → out[36, left, right], in a time in which a training step can do it.
void winograd_weights(float* out, const WinogradWeights& weights, std::size_t begin, std::size_t end);

}  // namespace affectsr::engine
