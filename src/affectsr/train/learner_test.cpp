#include "affectsr/train/learner.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/tensor.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/test_published.h"

namespace affectsr {
namespace {

Plan congruence_of_covariance() {
    PlanBuilder p;
    return p.finish(p.congruence("bimap", p.covariance(p.conv("conv", p.input(3), 6), 1e-3), 6, 3));
}

TEST(Learner, MatricesOfCongruencesKeepOrthonormalColumns) {
    for (const double averaging : {0.0, 0.9}) {
        LearnerOptions options;
        options.optimiser.name = "adam";
        options.optimiser.weight_decay = 0.1;
        options.optimiser.averaging = averaging;
        options.schedule = {.peak = 0.05, .warm_up = 0};
        Learner learner(congruence_of_covariance(), options, 3, "");
        const auto bimap = [](const PlanModule& module) {
            return module.named_parameters()["bimap.weight"].detach().clone();
        };
        const at::Tensor first = bimap(learner.module());
        torch::manual_seed(1);
        for (std::uint64_t step = 0; step < 10; ++step) {
            learner.begin_step(Alone{});
            learner.module().forward(torch::randn({4, 3, 8, 8})).square().mean().backward();
            learner.update({static_cast<double>(step) / 10, step}, Alone{});
        }
        for (const PlanModule* module : {&learner.module(), &learner.judged()}) {
            const at::Tensor weight = bimap(*module);
            EXPECT_TRUE(torch::allclose(weight.t().matmul(weight), torch::eye(3), 1e-4, 1e-5)) << averaging;
            EXPECT_GT((weight - first).abs().max().item<double>(), 1e-4) << "it learns";
        }
    }
}

TEST(Learner, TheRateOfOrthonormalMatricesIsTheirOwn) {
    LearnerOptions options;
    options.schedule = {.peak = 0.05, .warm_up = 0};
    options.orthonormal_rate = 0;
    Learner learner(congruence_of_covariance(), options, 3, "");
    const at::Tensor first = learner.module().named_parameters()["bimap.weight"].detach().clone();
    learner.begin_step(Alone{});
    learner.module().forward(torch::ones({1, 3, 8, 8}) * torch::arange(8)).sum().backward();
    learner.update({}, Alone{});
    EXPECT_TRUE(torch::allclose(learner.module().named_parameters()["bimap.weight"], first, 1e-5, 1e-6));
}

Plan two_convolutions() {
    PlanBuilder p;
    return p.finish(p.conv("head", p.relu(p.conv("body", p.input(3), 8)), 4));
}

void take_step(Learner& learner, double done) {
    torch::manual_seed(1);
    learner.begin_step(Alone{});
    learner.module().forward(torch::randn({4, 3, 8, 8})).square().mean().backward();
    learner.update({done, 1}, Alone{});
}

at::Tensor weight_of(Learner& learner, const std::string& name) {
    return learner.module().named_parameters()[name].detach().clone();
}

TEST(Learner, FrozenLayersLearnLater) {
    LearnerOptions options;
    options.schedule = {.peak = 0.05, .warm_up = 0};
    options.frozen = {"body"};
    options.frozen_until = 0.5;
    Learner learner(two_convolutions(), options, 3, "");
    const at::Tensor body = weight_of(learner, "body.weight"), head = weight_of(learner, "head.weight");
    take_step(learner, 0.4);
    EXPECT_TRUE(torch::equal(weight_of(learner, "body.weight"), body));
    EXPECT_FALSE(torch::equal(weight_of(learner, "head.weight"), head));
    take_step(learner, 0.6);
    EXPECT_FALSE(torch::equal(weight_of(learner, "body.weight"), body));
    options.frozen = {"tail"};
    EXPECT_THROW(Learner(two_convolutions(), options, 3, ""), UsageError);
}

TEST(Learner, SharpnessNeedsASecondTurn) {
    LearnerOptions options;
    options.schedule = {.peak = 0.05, .warm_up = 0};
    options.optimiser.sharpness_rho = 0.05;
    Learner learner(two_convolutions(), options, 3, "");
    EXPECT_THROW(take_step(learner, 0.1), UsageError) << "a task that does not climb";
    const at::Tensor before = weight_of(learner, "body.weight");
    learner.begin_step(Alone{});
    const auto backward = [&learner] {
        learner.module().forward(torch::ones({1, 3, 8, 8})).square().mean().backward();
    };
    backward();
    EXPECT_TRUE(learner.climb({0.1, 1}, Alone{}));
    EXPECT_FALSE(torch::equal(weight_of(learner, "body.weight"), before)) << "up the slope";
    backward();
    learner.update({0.1, 1}, Alone{});
    EXPECT_FALSE(torch::equal(weight_of(learner, "body.weight"), before)) << "and a step down";
}

TEST(Learner, FrozenLayersDoNotClimb) {
    LearnerOptions options;
    options.optimiser.sharpness_rho = 0.05;
    options.frozen = {"body"};
    Learner learner(two_convolutions(), options, 3, "");
    const at::Tensor body = weight_of(learner, "body.weight"), head = weight_of(learner, "head.weight");
    learner.begin_step(Alone{});
    learner.module().forward(torch::ones({1, 3, 8, 8})).square().mean().backward();
    ASSERT_TRUE(learner.climb({0.1, 1}, Alone{}));
    EXPECT_TRUE(torch::equal(weight_of(learner, "body.weight"), body));
    EXPECT_NEAR((weight_of(learner, "head.weight") - head).norm().item<double>(), 0.05, 5e-3)
        << "they have no share in the way's length (the head's bias has a small one)";
}

TEST(Learner, StartsFromAPublishedCheckpoint) {
    const TemporaryFolder folder;
    const TensorMap published = first_weights(two_convolutions(), 9);
    TensorMap body_alone = published;
    body_alone.erase("head.weight");
    LearnerOptions options;
    options.start = folder.fill("published.pth", torch_checkpoint(body_alone, "", /*legacy=*/false)).string();
    Learner learner(two_convolutions(), options, 3, "");
    EXPECT_TRUE(torch::equal(weight_of(learner, "body.weight"), to_tensor(published.at("body.weight"))));
    EXPECT_FALSE(torch::equal(weight_of(learner, "head.weight"), to_tensor(published.at("head.weight"))));
    EXPECT_EQ(learner.started_from().at("name"), "published");
    EXPECT_EQ(learner.started_from().at("sha256").get<std::string>().size(), 64u);
}

}  // namespace
}  // namespace affectsr
