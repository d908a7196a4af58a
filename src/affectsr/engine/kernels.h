// The loops of the engine that oneDNN has no primitive for, or a slower one; channels-last, one thread each.
#pragma once

#include <cstddef>
#include <cstdint>

namespace affectsr::engine {

/// bfloat16: the upper half of a float32.
struct Bf16 {
    std::uint16_t bits;
};

enum class Activation { none, relu, leaky_relu, sigmoid, silu, tanh };

/// What follows a value: act(factor · value + sum).
struct Epilogue {
    float factor = 1;
    Activation activation = Activation::none;
    float slope = 0;  ///< leaky_relu
};

/// out[i] = epilogue(a[i], sum[i]); `sum` may be null, `out` may be `a` or `sum`. For float and Bf16.
template <class E>
void pointwise(E* out, const E* a, const E* sum, std::size_t count, Epilogue epilogue);

/// out[i] = epilogue(a[i] · b[i], sum[i]).
template <class E>
void product(E* out, const E* a, const E* b, const E* sum, std::size_t count, Epilogue epilogue);

/// out[p, c] = epilogue(a[p, c] · scale[c] + shift[c], sum[p, c]); with `slopes`, negative results are multiplied by
/// their channel's slope instead of the epilogue's activation.
template <class E>
void channelwise(E* out, const E* a, const E* sum, std::size_t pixels, std::size_t channels, const float* scale,
                 const float* shift, const float* slopes, Epilogue epilogue);

/// out[p, c] = epilogue((a[p, c] + noise[p]) · scale[c] + shift[c], sum[p, c]).
template <class E>
void noisy_channelwise(E* out, const E* a, const E* sum, std::size_t pixels, std::size_t channels, const float* noise,
                       const float* scale, const float* shift, Epilogue epilogue);

/// Adds Σ(a − origin) and Σ(a − origin)² of each channel to sums[c] and squares[c]. An origin near the mean keeps the
/// variance exact.
template <class E>
void add_moments(const E* a, std::size_t pixels, std::size_t channels, const float* origin, float* sums,
                 float* squares);

/// out[p · out_channels + c] = a[p · in_channels + c] for c < channels: the copy behind concat and slice.
template <class E>
void copy_channels(E* out, std::size_t out_channels, const E* a, std::size_t in_channels, std::size_t channels,
                   std::size_t pixels);

/// One output row of a separable enlargement: Σ_i row_weights[i] · Σ_j weights[x, j] · rows[i][columns[x, j]].
struct RowTaps {
    int taps = 1;              ///< per direction, at most 4
    const float* row_weights;  ///< [taps]
    const int* columns;        ///< [width, taps], pixels
    const float* weights;      ///< [width, taps]
    std::size_t width = 0, channels = 0;
};
template <class E>
void resample_row(E* out, const E* const* rows, const RowTaps& taps);

/// [channels, pixels] float32 → [pixels, channels], planes[c, p] · scale[c] + shift[c]; and back without.
template <class E>
void from_planes(E* out, const float* planes, std::size_t pixels, std::size_t channels, const float* scale,
                 const float* shift);
template <class E>
void to_planes(float* planes, const E* a, std::size_t pixels, std::size_t channels);

float to_float(float value);
float to_float(Bf16 value);
template <class E>
E from_float(float value);  ///< rounded to nearest, ties to even

}  // namespace affectsr::engine
