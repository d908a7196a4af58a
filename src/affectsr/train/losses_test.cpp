#include "affectsr/train/losses.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(Losses, CrossEntropyOfADistributionAsByHand) {
    const Tensor logits = at::zeros({1, 2});
    const Tensor target = at::tensor({0.25f, 0.75f}).view({1, 2});
    EXPECT_NEAR(soft_cross_entropy(logits, target).item<float>(), std::log(2.0), 1e-6);
    const Tensor sure = at::tensor({0.0f, 2.0f}).view({1, 2});
    const double expected = 0.25 * std::log(1 + std::exp(2.0)) + 0.75 * std::log(1 + std::exp(-2.0));
    EXPECT_NEAR(soft_cross_entropy(sure, target).item<float>(), expected, 1e-6);
}

TEST(Losses, AFaceWithoutATargetCostsNothing) {
    const Tensor logits = at::tensor({3.0f, 0.0f, 0.0f, 9.0f}).view({2, 2});
    const Tensor target = at::tensor({1.0f, 0.0f, 0.0f, 0.0f}).view({2, 2});
    for (const HeadLoss& loss : head_loss_catalog()) {
        const Tensor costs = loss.per_face(logits, target, {});
        EXPECT_NEAR(costs[0].item<float>(), std::log(1 + std::exp(-3.0)), 1e-5) << loss.name;
        EXPECT_FLOAT_EQ(costs[1].item<float>(), 0) << loss.name;
    }
}

TEST(Losses, ClassesCountByTheirWeights) {
    const Tensor target = at::tensor({1.0f, 0.0f, 0.25f, 0.75f, 0.0f, 0.0f}).view({3, 2});
    HeadLossOptions options;
    EXPECT_TRUE(at::equal(class_factors(target, options), at::ones({3})));
    options.class_weights = {2, 4};
    const Tensor factors = class_factors(target, options);
    EXPECT_FLOAT_EQ(factors[0].item<float>(), 2);
    EXPECT_FLOAT_EQ(factors[1].item<float>(), 0.25f * 2 + 0.75f * 4);
    EXPECT_FLOAT_EQ(factors[2].item<float>(), 0) << "a face without a target";
    options.class_weights = {1, 1, 1};
    EXPECT_THROW(class_factors(target, options), UsageError);
}

TEST(Losses, SmoothingSpreadsAShareOverAllClasses) {
    const Tensor logits = at::tensor({4.0f, 0.0f}).view({1, 2});
    const Tensor one = at::tensor({1.0f, 0.0f}).view({1, 2}), smooth = at::tensor({0.9f, 0.1f}).view({1, 2});
    HeadLossOptions options;
    options.smoothing = 0.2;
    EXPECT_NEAR(soft_cross_entropy(logits, one, options).item<float>(),
                soft_cross_entropy(logits, smooth).item<float>(), 1e-6);
}

TEST(Losses, DistillationSoftensBothSides) {
    // At temperature 2, 0.9 and 0.1 become 3 : 1, logits 4 and 0 become 2 and 0.
    HeadLossOptions options;
    options.temperature = 2;
    const Tensor logits = at::tensor({4.0f, 0.0f}).view({1, 2}), teacher = at::tensor({0.9f, 0.1f}).view({1, 2});
    const double log_sum = std::log(std::exp(2.0) + 1);
    EXPECT_NEAR(distillation(logits, teacher, options).item<double>(), 4 * (0.75 * (log_sum - 2) + 0.25 * log_sum),
                1e-5);
}

TEST(Losses, DistillationIsLeastWhereThePupilAnswersAsTheTeacher) {
    for (const double temperature : {1.0, 3.0}) {
        HeadLossOptions options;
        options.temperature = temperature;
        const Tensor teacher = at::tensor({0.6f, 0.3f, 0.1f}).view({1, 3});
        Tensor logits = teacher.log().requires_grad_(true);
        distillation(logits, teacher, options).sum().backward();
        EXPECT_LT(logits.grad().abs().max().item<float>(), 1e-5) << temperature;
    }
}

TEST(Losses, AreFoundByName) {
    EXPECT_EQ(find_head_loss("soft_cross_entropy").per_face, &soft_cross_entropy);
    EXPECT_THROW(find_head_loss("hinge"), UsageError);
}

}  // namespace
}  // namespace affectsr
