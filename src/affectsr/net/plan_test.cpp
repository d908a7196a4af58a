#include "affectsr/net/plan.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(Plan, CountsParametersAndOperationsAsByHand) {
    PlanBuilder p;
    auto x = p.input(3);
    x = p.relu(p.batch_norm("norm", p.conv("conv", x, 8, {.kernel = 3, .stride = 2})));
    const Plan plan = p.finish(p.linear("fc", p.flatten(p.global_avg_pool(x)), 5));
    EXPECT_EQ(plan.parameter_count(), 8 * 3 * 9 + 8 + 2 * 8 + 5 * 8 + 5);
    EXPECT_EQ(plan.flops(16, 12), 2 * (8 * 6) * 8 * 3 * 9 + 2 * 8 * 5);
    ASSERT_EQ(plan.outputs.size(), 1u);
    EXPECT_EQ(plan.outputs[0].name, "out");
}

TEST(Plan, GroupedConvolutionsHaveFewerWeights) {
    PlanBuilder p;
    const auto x = p.input(8);
    EXPECT_EQ(p.finish(p.conv("depthwise", x, 8, {.kernel = 3, .groups = 8, .bias = false})).parameter_count(), 8 * 9);
}

TEST(Plan, RefusesAPictureThatIsTooSmallForItsSteps) {
    PlanBuilder p;
    const auto x = p.input(1);
    const Plan plan = p.finish(p.conv("wide", x, 4, {.kernel = 7, .padding = 0}));
    EXPECT_NO_THROW((void)plan.flops(7, 7));
    EXPECT_THROW((void)plan.flops(6, 7), UsageError);
}

TEST(Plan, AddsOnlyValuesOfEqualChannels) {
    PlanBuilder p;
    const auto x = p.input(1);
    EXPECT_THROW(p.add(x, p.conv("a", x, 2)), Bug);
}

TEST(Plan, NeedsAnOutput) {
    PlanBuilder p;
    p.input(1);
    EXPECT_THROW(p.finish(), Bug);
}

TEST(Plan, SplitsChannelsIntoWholeGroups) {
    PlanBuilder p;
    const auto x = p.input(6);
    EXPECT_THROW(p.conv("odd", x, 6, {.groups = 4}), Bug);
}

}  // namespace
}  // namespace affectsr
