#include "affectsr/engine/training_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "affectsr/engine/kernel_parts.h"

namespace affectsr::engine {
namespace {

template <class E>
std::vector<E> random_numbers(std::mt19937& random, std::size_t count) {
    std::normal_distribution<float> normal;
    std::vector<E> numbers(count);
    for (E& x : numbers) store(x, normal(random));
    return numbers;
}

/// Compares with sums in double, for shares that lie in wider buffers (`pitch` > channels) or by themselves.
template <class E>
void expect_sums(std::size_t channels, std::size_t pitch, std::size_t share_count, Derivative derivative) {
    SCOPED_TRACE(std::to_string(channels) + " channels of " + std::to_string(pitch) + ", " +
                 std::to_string(share_count) + " shares");
    constexpr std::size_t kPixels = 37;  // no multiple of what is taken at once
    std::mt19937 random(5);
    std::vector<std::vector<E>> buffers;
    std::vector<Addend<E>> shares;
    for (std::size_t s = 0; s < share_count; ++s) {
        const std::size_t offset = pitch > channels ? s : 0;
        buffers.push_back(random_numbers<E>(random, kPixels * pitch));
        shares.push_back({buffers.back().data() + offset, pitch, s == 1 ? -0.25f : 1.0f});
    }
    const std::vector<E> result = random_numbers<E>(random, kPixels * channels);
    std::vector<E> out(kPixels * channels + 1);
    store(out.back(), 7);
    add_up(out.data(), shares.data(), share_count, derivative.activation == Activation::none ? nullptr : result.data(),
           derivative, kPixels, channels);
    for (std::size_t p = 0; p < kPixels; ++p)
        for (std::size_t c = 0; c < channels; ++c) {
            double sum = 0, size = 0;
            for (const Addend<E>& share : shares) {
                const double part =
                    static_cast<double>(share.factor) * static_cast<double>(load(share.data[p * pitch + c]));
                sum += part;
                size += std::abs(part);
            }
            const std::size_t i = p * channels + c;
            const double expected = static_cast<double>(derivative.factor(load(result[i]))) * sum;
            const double rounding = sizeof(E) == 2 ? std::abs(expected) / 256 + size * 1e-6 : size * 1e-6;
            ASSERT_NEAR(static_cast<double>(load(out[i])), expected, rounding) << "pixel " << p << ", channel " << c;
        }
    EXPECT_EQ(load(out.back()), 7) << "nothing is written behind the last pixel";
}

TEST(TrainingKernels, AddUpSharesOfAnyWidth) {
    for (const std::size_t channels : {1, 3, 8, 12, 16, 24, 40, 56, 64, 70, 96, 131})
        for (const std::size_t wider : {0, 9})
            for (const std::size_t shares : {1, 2, 5})
                for (const Derivative derivative :
                     {Derivative{}, Derivative{Activation::relu, 0}, Derivative{Activation::leaky_relu, 0.2f}}) {
                    expect_sums<float>(channels, channels + wider, shares, derivative);
                    expect_sums<Bf16>(channels, channels + wider, shares, derivative);
                }
}

}  // namespace
}  // namespace affectsr::engine
