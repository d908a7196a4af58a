#include "affectsr/engine/attention_kernel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace affectsr::engine {
namespace {

std::vector<float> waves(std::size_t count, double step) {
    std::vector<float> made;
    for (std::size_t i = 0; i < count; ++i) made.push_back(static_cast<float>(std::sin(step * static_cast<double>(i))));
    return made;
}

struct Made {
    std::vector<float> query, keys, values, weights, sum;
    Made(std::size_t channels, std::size_t positions, float scale = 1)
        : query(waves(channels, 0.7)),
          keys(waves(channels * positions, 0.37)),
          values(waves(channels * positions, 1.3)),
          weights(positions),
          sum(channels) {
        for (float& number : query) number *= scale;
        attend({query.data(), keys.data(), values.data(), channels, positions}, weights.data(), sum.data());
    }
};

TEST(AttentionKernel, IsASoftmaxOfProducts) {
    for (const std::size_t channels : {1u, 3u, 4u, 13u, 64u})
        for (const std::size_t positions : {1u, 2u, 7u, 256u}) {
            const Made made(channels, positions);
            std::vector<double> weights;
            double total = 0;
            for (std::size_t p = 0; p < positions; ++p) {
                double dot = 0;
                for (std::size_t c = 0; c < channels; ++c)
                    dot += double{made.query[c]} * double{made.keys[c * positions + p]};
                weights.push_back(std::exp(dot));
                total += weights.back();
            }
            for (std::size_t c = 0; c < channels; ++c) {
                double wanted = 0;
                for (std::size_t p = 0; p < positions; ++p)
                    wanted += weights[p] / total * double{made.values[p * channels + c]};
                EXPECT_NEAR(made.sum[c], wanted, 2e-6) << channels << " channels, " << positions << " positions";
            }
        }
}

// The largest product is subtracted first, so that no exponential overflows.
TEST(AttentionKernel, LargeProductsChooseOnePosition) {
    const Made made(8, 5, 1e4F);
    float total = 0, largest = 0;
    for (const float weight : made.weights) total += weight, largest = std::max(largest, weight);
    EXPECT_NEAR(total, 1, 1e-5);
    EXPECT_NEAR(largest, 1, 1e-5);
    for (const float number : made.sum) EXPECT_TRUE(std::isfinite(number));
}

}  // namespace
}  // namespace affectsr::engine
