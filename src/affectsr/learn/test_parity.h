// Both players on one plan: LibTorch in float32 is the reference, the engine must agree.
#pragma once

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "affectsr/engine/plan_engine.h"
#include "affectsr/learn/plan_module.h"

namespace affectsr {

/// Moves norms away from their first values, which would hide what they do.
inline void shake(PlanModule& module) {
    const torch::NoGradGuard no_grad;
    for (Tensor& parameter : module.parameters())
        if (parameter.dim() == 1) parameter.add_(0.2 * torch::randn_like(parameter));
    for (const auto& buffer : module.named_buffers())
        if (buffer.key().ends_with("running_mean") || buffer.key().ends_with("running_var"))
            buffer.value().add_(0.3 * torch::rand_like(buffer.value()));
}

/// ‖engine − LibTorch‖ / ‖LibTorch‖ of every output stays under the precision's bound.
inline void expect_parity(const Plan& plan, const BatchShape& batch, Precision precision, double bf16_bound = 2e-2) {
    torch::manual_seed(7);
    PlanModule module(plan);
    shake(module);
    module.eval();
    const torch::InferenceMode inference;
    const int channels = plan.steps.front().out_channels;
    const Tensor input = torch::rand({batch.count, channels, batch.height, batch.width}) - 0.4;
    const auto expected = module.play(input);
    module.compile(precision);
    const auto ours = module.play(input);
    ASSERT_EQ(ours.size(), expected.size());
    for (const auto& [name, want] : expected) {
        ASSERT_EQ(ours.at(name).sizes(), want.sizes()) << name;
        const double error = ((ours.at(name) - want).norm() / want.norm()).item<double>();
        EXPECT_LT(error, precision == Precision::bf16 ? bf16_bound : 2e-6) << name << " in " << name_of(precision);
    }
}

}  // namespace affectsr
