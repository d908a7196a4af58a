#include "affectsr/train/averaged_weights.h"

#include <gtest/gtest.h>

#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/plan_module.h"

namespace affectsr {
namespace {

Plan conv_and_norm() {
    PlanBuilder p;
    return p.finish(p.batch_norm("norm", p.conv("conv", p.input(1), 2)));
}

TEST(AveragedWeights, MoveTowardsWhatLearns) {
    PlanModule average(conv_and_norm(), 1), learning(conv_and_norm(), 2);
    const TensorMap before = state_of(average), learned = state_of(learning);
    move_average(average, learning, 0.9, 1'000'000);
    const TensorMap after = state_of(average);
    const std::vector<float> a = before.at("conv.weight").floats(), w = learned.at("conv.weight").floats();
    for (std::size_t i = 0; i < a.size(); ++i)
        EXPECT_NEAR(after.at("conv.weight").floats()[i], 0.9f * a[i] + 0.1f * w[i], 1e-6);
    for (int i = 0; i < 200; ++i) move_average(average, learning, 0.9, 1'000'000);
    for (std::size_t i = 0; i < w.size(); ++i) EXPECT_NEAR(state_of(average).at("conv.weight").floats()[i], w[i], 1e-5);
    EXPECT_EQ(state_of(learning).at("conv.weight").floats(), w) << "what learns stays as it is";
}

TEST(AveragedWeights, ForgetTheFirstStepsSoon) {
    PlanModule average(conv_and_norm(), 1), learning(conv_and_norm(), 2);
    const float a = state_of(average).at("conv.weight").floats()[0],
                w = state_of(learning).at("conv.weight").floats()[0];
    move_average(average, learning, 0.999, 0);
    EXPECT_NEAR(state_of(average).at("conv.weight").floats()[0], 0.1f * a + 0.9f * w, 1e-6);
}

TEST(AveragedWeights, TakeStatisticsAndCountersAlong) {
    PlanModule average(conv_and_norm(), 1), learning(conv_and_norm(), 1);
    learning.train();
    learning.forward(torch::ones({2, 1, 4, 4}));
    move_average(average, learning, 0.5, 1'000'000);
    const TensorMap after = state_of(average);
    EXPECT_EQ(after.at("norm.num_batches_tracked").ints(), std::vector<std::int64_t>{1});
    const float learned = state_of(learning).at("norm.running_var").floats()[0];
    EXPECT_NEAR(after.at("norm.running_var").floats()[0], 0.5f + 0.5f * learned, 1e-6);
}

}  // namespace
}  // namespace affectsr
