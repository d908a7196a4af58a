#include "affectsr/engine/kernels.h"

#include <algorithm>
#include <cstring>

#include "affectsr/engine/kernel_parts.h"

namespace affectsr::engine {

namespace {

template <class E>
AFFECTSR_INLINE void pointwise_body(E* out, const E* a, const E* sum, std::size_t count, Epilogue e) {
    with_activation(
        e.activation, [&]<Activation kActivation>() __attribute__((always_inline)) {
            if (sum != nullptr)
                for (std::size_t i = 0; i < count; ++i)
                    store(out[i], activate<kActivation>(e.factor * load(a[i]) + load(sum[i]), e.slope));
            else
                for (std::size_t i = 0; i < count; ++i)
                    store(out[i], activate<kActivation>(e.factor * load(a[i]), e.slope));
        });
}

template <class E>
AFFECTSR_INLINE void product_body(E* out, const E* a, const E* b, const E* sum, std::size_t count, Epilogue e) {
    with_activation(
        e.activation, [&]<Activation kActivation>() __attribute__((always_inline)) {
            for (std::size_t i = 0; i < count; ++i) {
                const float added = sum != nullptr ? load(sum[i]) : 0.0f;
                store(out[i], activate<kActivation>(e.factor * (load(a[i]) * load(b[i])) + added, e.slope));
            }
        });
}

template <class E>
AFFECTSR_INLINE void channelwise_body(E* out, const E* a, const E* sum, std::size_t pixels, std::size_t channels,
                                      const float* scale, const float* shift, const float* slopes, Epilogue e) {
    with_activation(
        e.activation, [&]<Activation kActivation>() __attribute__((always_inline)) {
            for (std::size_t p = 0; p < pixels; ++p) {
                const E* from = a + p * channels;
                E* to = out + p * channels;
                const E* added = sum != nullptr ? sum + p * channels : nullptr;
                if (slopes != nullptr)
                    for (std::size_t c = 0; c < channels; ++c) {
                        const float x = load(from[c]) * scale[c] + shift[c];
                        store(to[c], x < 0 ? slopes[c] * x : x);
                    }
                else if (added != nullptr)
                    for (std::size_t c = 0; c < channels; ++c)
                        store(to[c], activate<kActivation>(
                                         e.factor * (load(from[c]) * scale[c] + shift[c]) + load(added[c]), e.slope));
                else
                    for (std::size_t c = 0; c < channels; ++c)
                        store(to[c], activate<kActivation>(e.factor * (load(from[c]) * scale[c] + shift[c]), e.slope));
            }
        });
}

template <class E>
AFFECTSR_INLINE void noisy_channelwise_body(E* out, const E* a, const E* sum, std::size_t pixels, std::size_t channels,
                                            const float* noise, const float* scale, const float* shift, Epilogue e) {
    with_activation(
        e.activation, [&]<Activation kActivation>() __attribute__((always_inline)) {
            for (std::size_t p = 0; p < pixels; ++p) {
                const E* from = a + p * channels;
                E* to = out + p * channels;
                const E* added = sum != nullptr ? sum + p * channels : nullptr;
                for (std::size_t c = 0; c < channels; ++c) {
                    const float value = e.factor * ((load(from[c]) + noise[p]) * scale[c] + shift[c]);
                    store(to[c], activate<kActivation>(value + (added != nullptr ? load(added[c]) : 0.0f), e.slope));
                }
            }
        });
}

template <class E>
AFFECTSR_INLINE void add_moments_body(const E* a, std::size_t pixels, std::size_t channels, const float* origin,
                                      float* sums, float* squares) {
    // Blocks of channels whose sums stay in registers while the pixels go by.
    constexpr std::size_t kBlock = 32;
    for (std::size_t first = 0; first < channels; first += kBlock) {
        float sum[kBlock] = {}, square[kBlock] = {}, from[kBlock] = {};
        const std::size_t width = std::min(kBlock, channels - first);
        std::copy_n(origin + first, width, from);
        if (width == kBlock) {
            for (std::size_t p = 0; p < pixels; ++p)
                for (std::size_t c = 0; c < kBlock; ++c) {
                    const float x = load(a[p * channels + first + c]) - from[c];
                    sum[c] += x;
                    square[c] += x * x;
                }
        } else {
            for (std::size_t p = 0; p < pixels; ++p)
                for (std::size_t c = 0; c < width; ++c) {
                    const float x = load(a[p * channels + first + c]) - from[c];
                    sum[c] += x;
                    square[c] += x * x;
                }
        }
        for (std::size_t c = 0; c < width; ++c) {
            sums[first + c] += sum[c];
            squares[first + c] += square[c];
        }
    }
}

template <std::size_t kBytes>
AFFECTSR_INLINE void copy_fixed(std::byte* out, std::size_t out_step, const std::byte* a, std::size_t in_step,
                                std::size_t pixels) {
    for (std::size_t p = 0; p < pixels; ++p) std::memcpy(out + p * out_step, a + p * in_step, kBytes);
}

AFFECTSR_CLONES void copy_bytes(std::byte* out, std::size_t out_step, const std::byte* a, std::size_t in_step,
                                std::size_t bytes, std::size_t pixels) {
    switch (bytes) {
        case 32:
            return copy_fixed<32>(out, out_step, a, in_step, pixels);
        case 64:
            return copy_fixed<64>(out, out_step, a, in_step, pixels);
        case 128:
            return copy_fixed<128>(out, out_step, a, in_step, pixels);
        case 192:
            return copy_fixed<192>(out, out_step, a, in_step, pixels);
        case 256:
            return copy_fixed<256>(out, out_step, a, in_step, pixels);
        case 320:
            return copy_fixed<320>(out, out_step, a, in_step, pixels);
        default:
            for (std::size_t p = 0; p < pixels; ++p) std::memcpy(out + p * out_step, a + p * in_step, bytes);
    }
}

template <class E>
AFFECTSR_INLINE void resample_row_body(E* out, const E* const* rows, const RowTaps& t) {
    // Blocks of channels whose sums stay in registers while the taps go by.
    constexpr std::size_t kBlock = 64;
    const auto taps = static_cast<std::size_t>(t.taps);
    for (std::size_t x = 0; x < t.width; ++x)
        for (std::size_t first = 0; first < t.channels; first += kBlock) {
            const std::size_t width = std::min(kBlock, t.channels - first);
            float sum[kBlock] = {};
            for (std::size_t i = 0; i < taps; ++i)
                for (std::size_t j = 0; j < taps; ++j) {
                    const float weight = t.row_weights[i] * t.weights[x * taps + j];
                    const E* const from =
                        rows[i] + static_cast<std::size_t>(t.columns[x * taps + j]) * t.channels + first;
                    if (width == kBlock)
                        for (std::size_t c = 0; c < kBlock; ++c) sum[c] += weight * load(from[c]);
                    else
                        for (std::size_t c = 0; c < width; ++c) sum[c] += weight * load(from[c]);
                }
            E* const to = out + x * t.channels + first;
            for (std::size_t c = 0; c < width; ++c) store(to[c], sum[c]);
        }
}

/// Runs of pixels: first numbers are made plane by plane, many at once, then they are moved to their pixels.
template <class E>
AFFECTSR_INLINE void from_planes_body(E* out, const float* planes, std::size_t pixels, std::size_t channels,
                                      const float* scale, const float* shift) {
    constexpr std::size_t kRun = 64;
    std::size_t p = 0;
    if (channels == 3) {
        E made[3][kRun];
        for (; p + kRun <= pixels; p += kRun) {
            for (std::size_t c = 0; c < 3; ++c) {
                const float* from = planes + c * pixels + p;
                for (std::size_t i = 0; i < kRun; ++i) store(made[c][i], from[i] * scale[c] + shift[c]);
            }
            E* to = out + p * 3;
            for (std::size_t i = 0; i < kRun; ++i)
                for (std::size_t c = 0; c < 3; ++c) to[i * 3 + c] = made[c][i];
        }
    }
    for (; p < pixels; ++p)
        for (std::size_t c = 0; c < channels; ++c)
            store(out[p * channels + c], planes[c * pixels + p] * scale[c] + shift[c]);
}

template <class E>
AFFECTSR_INLINE void to_planes_body(float* planes, const E* a, std::size_t pixels, std::size_t channels) {
    for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t p = 0; p < pixels; ++p) planes[c * pixels + p] = load(a[p * channels + c]);
}

}  // namespace

float to_float(float value) {
    return value;
}
float to_float(Bf16 value) {
    return load(value);
}
template <class E>
E from_float(float value) {
    E made{};
    store(made, value);
    return made;
}
template float from_float<float>(float);
template Bf16 from_float<Bf16>(float);

// A clone cannot be a template, so each kernel is spelled for both element types.
#define AFFECTSR_KERNELS(E)                                                                                            \
    template <>                                                                                                        \
    AFFECTSR_CLONES void pointwise(E* out, const E* a, const E* sum, std::size_t count, Epilogue e) {                  \
        pointwise_body(out, a, sum, count, e);                                                                         \
    }                                                                                                                  \
    template <>                                                                                                        \
    AFFECTSR_CLONES void product(E* out, const E* a, const E* b, const E* sum, std::size_t count, Epilogue e) {        \
        product_body(out, a, b, sum, count, e);                                                                        \
    }                                                                                                                  \
    template <>                                                                                                        \
    AFFECTSR_CLONES void channelwise(E* out, const E* a, const E* sum, std::size_t pixels, std::size_t channels,       \
                                     const float* scale, const float* shift, const float* slopes, Epilogue e) {        \
        channelwise_body(out, a, sum, pixels, channels, scale, shift, slopes, e);                                      \
    }                                                                                                                  \
    template <>                                                                                                        \
    AFFECTSR_CLONES void noisy_channelwise(E* out, const E* a, const E* sum, std::size_t pixels, std::size_t channels, \
                                           const float* noise, const float* scale, const float* shift, Epilogue e) {   \
        noisy_channelwise_body(out, a, sum, pixels, channels, noise, scale, shift, e);                                 \
    }                                                                                                                  \
    template <>                                                                                                        \
    AFFECTSR_CLONES void add_moments(const E* a, std::size_t pixels, std::size_t channels, const float* origin,        \
                                     float* sums, float* squares) {                                                    \
        add_moments_body(a, pixels, channels, origin, sums, squares);                                                  \
    }                                                                                                                  \
    template <>                                                                                                        \
    AFFECTSR_CLONES void resample_row(E* out, const E* const* rows, const RowTaps& taps) {                             \
        resample_row_body(out, rows, taps);                                                                            \
    }                                                                                                                  \
    template <>                                                                                                        \
    AFFECTSR_CLONES void from_planes(E* out, const float* planes, std::size_t pixels, std::size_t channels,            \
                                     const float* scale, const float* shift) {                                         \
        from_planes_body(out, planes, pixels, channels, scale, shift);                                                 \
    }                                                                                                                  \
    template <>                                                                                                        \
    AFFECTSR_CLONES void to_planes(float* planes, const E* a, std::size_t pixels, std::size_t channels) {              \
        to_planes_body(planes, a, pixels, channels);                                                                   \
    }                                                                                                                  \
    template <>                                                                                                        \
    void copy_channels(E* out, std::size_t out_channels, const E* a, std::size_t in_channels, std::size_t channels,    \
                       std::size_t pixels) {                                                                           \
        copy_bytes(reinterpret_cast<std::byte*>(out), out_channels * sizeof(E), reinterpret_cast<const std::byte*>(a), \
                   in_channels * sizeof(E), channels * sizeof(E), pixels);                                             \
    }
AFFECTSR_KERNELS(float)
AFFECTSR_KERNELS(Bf16)

}  // namespace affectsr::engine
