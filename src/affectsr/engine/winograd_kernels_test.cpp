#include "affectsr/engine/winograd_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace affectsr::engine {
namespace {

std::vector<float> random_floats(std::size_t count) {
    static std::mt19937 random(3);
    std::normal_distribution<float> normal;
    std::vector<float> made(count);
    for (float& x : made) x = normal(random);
    return made;
}

/// One tile of `in` channels convolved to `out`, by the transforms and products in double, and its reference.
struct OneTile {
    OneTile(std::size_t in, std::size_t out, Epilogue epilogue, bool sums) : bias(random_floats(out)) {
        const std::vector<float> patch = random_floats(36 * in), weights = random_floats(out * in * 9);
        const std::vector<float> sum = random_floats(16 * out);
        std::vector<float> rows(36 * in), g(36 * in * out), products(36 * out);
        const float* pixels[36];
        for (std::size_t i = 0; i < 36; ++i) pixels[i] = patch.data() + i * in;
        winograd_input(rows.data(), in, pixels, in);
        winograd_weights(g.data(), weights.data(), out, in);
        for (std::size_t p = 0; p < 36; ++p)
            for (std::size_t o = 0; o < out; ++o) {
                double total = 0;
                for (std::size_t c = 0; c < in; ++c)
                    total += double{rows[p * in + c]} * double{g[(p * in + c) * out + o]};
                products[p * out + o] = static_cast<float>(total);
            }
        made = sum;  // the sum may lie where the results do
        float* results[16];
        for (std::size_t i = 0; i < 16; ++i) results[i] = made.data() + i * out;
        winograd_output(results, sums ? results : nullptr, products.data(), out, bias.data(), out, epilogue);
        for (std::size_t i = 0; i < 16; ++i)
            for (std::size_t o = 0; o < out; ++o) {
                double total = double{bias[o]};
                for (std::size_t k = 0; k < 9; ++k)
                    for (std::size_t c = 0; c < in; ++c)
                        total += double{patch[((i / 4 + k / 3) * 6 + i % 4 + k % 3) * in + c]} *
                                 double{weights[(o * in + c) * 9 + k]};
                total = double{epilogue.factor} * total + (sums ? double{sum[i * out + o]} : 0);
                if (epilogue.activation == Activation::leaky_relu && total < 0) total *= double{epilogue.slope};
                if (epilogue.activation == Activation::relu && total < 0) total = 0;
                expected.push_back(total);
            }
    }
    double error() const {
        double difference = 0, norm = 0;
        for (std::size_t i = 0; i < made.size(); ++i) {
            difference += std::pow(double{made[i]} - expected[i], 2);
            norm += expected[i] * expected[i];
        }
        return std::sqrt(difference / norm);
    }
    std::vector<float> bias, made;
    std::vector<double> expected;
};

TEST(WinogradKernels, ConvolveATile) {
    for (const std::size_t in : {1, 5, 16, 33})
        for (const std::size_t out : {1, 3, 16, 40})
            EXPECT_LT(OneTile(in, out, {}, false).error(), 1e-6) << in << " → " << out << " channels";
}

TEST(WinogradKernels, EndInEveryEpilogue) {
    for (const Activation activation : {Activation::none, Activation::relu, Activation::leaky_relu})
        for (const bool sums : {false, true})
            EXPECT_LT(OneTile(7, 21, {0.5f, activation, 0.2f}, sums).error(), 1e-6)
                << "activation " << static_cast<int>(activation) << (sums ? " with a sum in place" : "");
}

}  // namespace
}  // namespace affectsr::engine
