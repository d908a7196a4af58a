#include "affectsr/train/learner.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

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

}  // namespace
}  // namespace affectsr
