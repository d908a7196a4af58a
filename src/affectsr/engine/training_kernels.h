// The loops of a training step: gradients that add up, norms and enlargements backward; channels-last, one thread each.
#pragma once

#include <cstddef>

#include "affectsr/engine/kernels.h"

namespace affectsr::engine {

/// One of the values whose sum a gradient is: factor · data[p · pitch + c], where data begins at its first channel.
template <class E>
struct Addend {
    const E* data = nullptr;
    std::size_t pitch = 0;  ///< elements from a pixel to the next
    float factor = 1;
};

/// Derivative of an activation, told by its result: of ReLUs with slope ≥ 0 both have one sign.
struct Derivative {
    Activation activation = Activation::none;  ///< none, relu or leaky_relu
    float slope = 0;
    float factor(float result) const {
        if (activation == Activation::none || result > 0) return 1;
        return activation == Activation::relu ? 0 : slope;
    }
};

/// out[p, c] = act'(result[p, c]) · Σ factor · share[p, c]: summed in float32 and rounded once. `result` may be null
/// without an activation. `shares` ≥ 1.
template <class E>
void add_up(E* out, const Addend<E>* shares, std::size_t share_count, const E* result, Derivative derivative,
            std::size_t pixels, std::size_t channels);

/// Adds Σ g and Σ g · (x − mean) of each channel to sums[c] and products[c].
template <class E>
void add_norm_sums(const E* g, const E* x, const float* mean, std::size_t pixels, std::size_t channels, float* sums,
                   float* products);

/// What a norm does to the gradient behind it: out[p, c] = of_gradient[c] · g[p, c] + of_value[c] · (x[p, c] − mean[c])
/// + constant[c]. `out` may be `g`.
struct NormBackward {
    const float *mean, *of_gradient, *of_value, *constant;
};
template <class E>
void norm_backward(E* out, const E* g, const E* x, const NormBackward& numbers, std::size_t pixels,
                   std::size_t channels);

/// A row of pictures enlarged by repeating pixels → the row before: sums of factor × factor pixels.
template <class E>
void shrink_row(E* out, const E* rows, std::size_t width, std::size_t channels, std::size_t factor);

/// sums[i] += weight · a[i].
template <class E>
void add_scaled(float* sums, const E* a, float weight, std::size_t count);

/// A row from an enlarged one: out[x, c] = Σ_k weights[k] · row[pixels[k], c], k from first[x] to first[x + 1].
struct RowCollection {
    const std::size_t* first;  ///< [width + 1]
    const int* pixels;
    const float* weights;
    std::size_t width = 0, channels = 0;
};
template <class E>
void collect_row(E* out, const float* row, const RowCollection& from);

/// out[p, c] = a[p, c] · gate[c].
template <class E>
void gated(E* out, const E* a, const E* gate, std::size_t pixels, std::size_t channels);

/// Adds Σ_p a[p, c] · b[p, c] to sums[c]; without `b`, Σ_p a[p, c].
template <class E>
void add_products(const E* a, const E* b, std::size_t pixels, std::size_t channels, float* sums);

}  // namespace affectsr::engine
