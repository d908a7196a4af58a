#include "affectsr/plan/first_weights.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

Plan every_kind_of_parameter() {
    PlanBuilder p;
    Value x = p.prelu("slope", p.batch_norm("norm", p.conv("conv", p.input(16), 64)));
    x = p.conv_transpose("up", x, 32, {.kernel = 4, .stride = 2});
    return p.finish(p.linear("fc", p.flatten(p.global_avg_pool(x)), 500));
}

double deviation(const HostTensor& tensor) {
    double squares = 0;
    for (const float value : tensor.floats()) squares += static_cast<double>(value) * static_cast<double>(value);
    return std::sqrt(squares / static_cast<double>(tensor.count()));
}

TEST(FirstWeights, FillEveryParameterOfThePlanInItsShape) {
    const Plan plan = every_kind_of_parameter();
    const TensorMap weights = first_weights(plan, 1);
    ASSERT_EQ(weights.size(), plan.parameters().size());
    for (const Parameter& parameter : plan.parameters())
        EXPECT_EQ(weights.at(parameter.name).shape(), parameter.shape) << parameter.name;
}

TEST(FirstWeights, HaveTheSpreadThatKeepsVariances) {
    const TensorMap weights = first_weights(every_kind_of_parameter(), 1);
    EXPECT_NEAR(deviation(weights.at("conv.weight")) / std::sqrt(2.0 / (64 * 9)), 1, 0.05);
    EXPECT_NEAR(deviation(weights.at("up.weight")) / std::sqrt(2.0 * 4 / (32 * 16)), 1, 0.05);
    EXPECT_NEAR(deviation(weights.at("fc.weight")) / std::sqrt(1.0 / 32), 1, 0.05);
    EXPECT_EQ(weights.at("slope.weight").floats(), std::vector<float>(64, 0.25f));
    EXPECT_EQ(weights.at("norm.weight").floats(), std::vector<float>(64, 1));
    EXPECT_EQ(weights.at("norm.running_var").floats(), std::vector<float>(64, 1));
    EXPECT_EQ(weights.at("norm.running_mean").floats(), std::vector<float>(64, 0));
    EXPECT_EQ(weights.at("norm.num_batches_tracked").ints(), std::vector<std::int64_t>{0});
    EXPECT_EQ(weights.at("fc.bias").floats(), std::vector<float>(500, 0));
}

TEST(FirstWeights, OfACongruenceHaveOrthonormalColumns) {
    PlanBuilder p;
    const Plan plan = p.finish(p.congruence("w", p.input(1), 40, 25));
    const std::vector<float> w = first_weights(plan, 1).at("w.weight").floats();
    for (std::size_t a = 0; a < 25; ++a)
        for (std::size_t b = 0; b < 25; ++b) {
            double sum = 0;
            for (std::size_t r = 0; r < 40; ++r)
                sum += static_cast<double>(w[r * 25 + a]) * static_cast<double>(w[r * 25 + b]);
            EXPECT_NEAR(sum, a == b ? 1 : 0, 1e-6);
        }
}

TEST(FirstWeights, DependOnTheSeedAlone) {
    const Plan plan = every_kind_of_parameter();
    EXPECT_EQ(first_weights(plan, 7).at("fc.weight").floats(), first_weights(plan, 7).at("fc.weight").floats());
    EXPECT_NE(first_weights(plan, 7).at("fc.weight").floats(), first_weights(plan, 8).at("fc.weight").floats());
}

}  // namespace
}  // namespace affectsr
