#include "affectsr/restore/vgg_discriminator.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(VggDiscriminator, HasTheParametersOfBasicSrs) {
    EXPECT_EQ(vgg_discriminator_plan({}).parameter_count(), 14'499'401);
    EXPECT_EQ(vgg_discriminator_plan({64, 256}).parameter_count(), 21'055'049);
    EXPECT_THROW(vgg_discriminator_plan({64, 192}), UsageError);
}

TEST(VggDiscriminator, GivesOneNumberForAPictureOfItsSizeOnly) {
    for (const int side : {128, 256}) {
        const Plan plan = vgg_discriminator_plan({8, side});
        EXPECT_EQ(plan.shapes(side, side).back(), (ValueShape{1, 1, 1}));
        EXPECT_THROW(plan.shapes(64, 64), UsageError);
    }
}

TEST(VggDiscriminator, GoesWithoutBatchNormWhereAsked) {
    const Plan plan = vgg_discriminator_plan({8, 128, false});
    for (const Step& step : plan.steps) {
        EXPECT_FALSE(step.is<step::BatchNorm>());
        const bool weighted = step.is<step::Conv>() || step.is<step::Linear>();
        EXPECT_EQ(parameters_of(step).size(), weighted ? 2u : 0u) << step.name;
    }
}

}  // namespace
}  // namespace affectsr
