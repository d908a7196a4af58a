// What the kernels are put together from: a clone for each generation of processors, elements, activations.
#pragma once

#include <bit>
#include <cmath>

#include "affectsr/engine/kernels.h"

// One source, compiled for three generations of processors; the loader picks. The bodies are inlined into each clone.
// It picks before a sanitizer has begun, so what a sanitizer watches has one body.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define AFFECTSR_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define AFFECTSR_CLONES
#endif
#define AFFECTSR_INLINE inline __attribute__((always_inline))

namespace affectsr::engine {

/// The number that an element is.
AFFECTSR_INLINE float load(float value) {
    return value;
}
AFFECTSR_INLINE float load(Bf16 value) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16);
}
/// Writes a number as an element, rounded to nearest, ties to even.
AFFECTSR_INLINE void store(float& to, float value) {
    to = value;
}
AFFECTSR_INLINE void store(Bf16& to, float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    const std::uint32_t quiet = (bits >> 16) | 0x40u;  // rounding must not carry a NaN into infinity
    to.bits = static_cast<std::uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? quiet : rounded);
}

/// e^x to 2 units in the last place, in operations that a compiler plays on whole vectors: 2^n · e^r, |r| ≤ ln 2 / 2,
/// by a polynomial (Cody & Waite 1980). Beyond ±87 it stays what it is there; NaN stays NaN.
AFFECTSR_INLINE float exponential(float x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    constexpr float kRound = 12582912.0f;  // 1.5 · 2^23: a sum with it has no fraction
    const float n = (x * 1.44269504f + kRound) - kRound;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    const float fraction = (p * r) * r + r + 1.0f;
    const auto power = static_cast<std::uint32_t>(static_cast<std::int32_t>(n) + 127) << 23;
    return fraction * std::bit_cast<float>(power);
}

/// act(x); `slope` is that of a leaky ReLU.
template <Activation kActivation>
AFFECTSR_INLINE float activate(float x, float slope) {
    if constexpr (kActivation == Activation::relu) return x < 0 ? 0.0f : x;
    if constexpr (kActivation == Activation::leaky_relu) return x < 0 ? slope * x : x;
    if constexpr (kActivation == Activation::sigmoid) return 1.0f / (1.0f + exponential(-x));
    if constexpr (kActivation == Activation::silu) return x / (1.0f + exponential(-x));
    if constexpr (kActivation == Activation::tanh) return std::tanh(x);
    return x;
}

/// Calls `body` with the activation as a constant, so that its loops have no branch.
template <class Body>
AFFECTSR_INLINE void with_activation(Activation activation, Body body) {
    switch (activation) {
        case Activation::none:
            return body.template operator()<Activation::none>();
        case Activation::relu:
            return body.template operator()<Activation::relu>();
        case Activation::leaky_relu:
            return body.template operator()<Activation::leaky_relu>();
        case Activation::sigmoid:
            return body.template operator()<Activation::sigmoid>();
        case Activation::silu:
            return body.template operator()<Activation::silu>();
        case Activation::tanh:
            return body.template operator()<Activation::tanh>();
    }
}

}  // namespace affectsr::engine
