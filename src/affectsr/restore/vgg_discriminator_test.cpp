#include "affectsr/restore/vgg_discriminator.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "affectsr/base/error.h"
#include "affectsr/learn/test_parity.h"

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

TEST(VggDiscriminator, LearnsToTellTwoPicturesApart) {
    torch::manual_seed(3);
    PlanModule critic(vgg_discriminator_plan({4, 128, false}));
    torch::optim::Adam optimiser(critic.parameters(), 1e-3);
    const Tensor pictures = torch::stack({torch::rand({3, 128, 128}), torch::full({3, 128, 128}, 0.5)});
    const Tensor truth = torch::tensor({1.f, 0.f}).view({2, 1});
    double first = 0, last = 0;
    for (int i = 0; i < 10; ++i) {
        const Tensor loss = torch::binary_cross_entropy_with_logits(critic.forward(pictures), truth);
        optimiser.zero_grad();
        loss.backward();
        optimiser.step();
        (i == 0 ? first : last) = loss.item<double>();
    }
    EXPECT_LT(last, first);
}

TEST(VggDiscriminator, BothPlayersAgree) {
    Plan plan = vgg_discriminator_plan({8});
    plan.outputs.clear();  // one number is a sum that cancels
    plan.output_mark("linear1");
    for (const Precision precision : {Precision::f32, Precision::bf16})
        expect_parity(plan, {1, 128, 128}, precision, 5e-2);
}

}  // namespace
}  // namespace affectsr
