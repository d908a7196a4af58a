#include "affectsr/classify/feature_critic.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(FeatureCritic, HasThePublishedParameters) {
    EXPECT_EQ(feature_critic_plan({}).parameter_count(), 316'305);
}

TEST(FeatureCritic, JudgesMatricesOfItsSideAlone) {
    const Plan plan = feature_critic_plan({4, 64});
    EXPECT_EQ(plan.shapes(64, 64).back(), (ValueShape{1, 1, 1}));
    EXPECT_THROW((void)plan.shapes(128, 128), UsageError);
    EXPECT_THROW(feature_critic_plan({4, 100}), UsageError);
    EXPECT_THROW(feature_critic_plan({4, 16}), UsageError);
}

}  // namespace
}  // namespace affectsr
