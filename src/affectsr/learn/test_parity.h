// Both players on one plan: LibTorch in float32 is the reference, the engine must agree.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "affectsr/engine/plan_engine.h"
#include "affectsr/learn/libtorch.h"
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

/// The inputs [n, c, h, w] as the engine takes them; they must be dense, and live as long as the feeds.
inline Feeds feeds_of(const std::map<std::string, Tensor>& inputs) {
    Feeds feeds;
    for (const auto& [name, input] : inputs)
        feeds[name] = {{input.data_ptr<float>(), static_cast<std::size_t>(input.numel())},
                       {static_cast<int>(input.size(2)), static_cast<int>(input.size(3))}};
    return feeds;
}

/// What the engine makes of the inputs, in the shapes of `like`.
inline std::map<std::string, Tensor> play(const PlanEngine& engine, const std::map<std::string, Tensor>& inputs,
                                          const std::map<std::string, Tensor>& like, int threads = 1) {
    std::map<std::string, Tensor> made;
    Results results;
    for (const auto& [name, tensor] : like) {
        Tensor& result = made[name] = torch::full(tensor.sizes(), NAN);
        results[name] = {result.data_ptr<float>(), static_cast<std::size_t>(result.numel())};
    }
    engine.run(static_cast<int>(inputs.begin()->second.size(0)), feeds_of(inputs), results, threads);
    return made;
}

/// Whether the engine plays a convolution of these pictures by Winograd's filtering. Its transforms round more than a
/// sum of products does, 1e-6 of a result, and deep networks add that up.
inline bool plays_winograd(const PlanEngine& engine, const BatchShape& batch) {
    const std::vector<StepCost> costs = engine.profile(batch, 2, 1);
    return std::any_of(costs.begin(), costs.end(),
                       [](const StepCost& cost) { return cost.implementation.starts_with("winograd:"); });
}

/// Random pictures, and landmarks that lie on them and around them.
inline std::map<std::string, Tensor> random_inputs(const Plan& plan, const BatchShape& batch) {
    const std::vector<int> places = plan.inputs();
    const std::vector<InputSize> sizes = plan.input_sizes({batch.height, batch.width});
    std::map<std::string, Tensor> inputs;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const Step& step = plan.steps[static_cast<std::size_t>(places[i])];
        const std::string& name = step.as<step::PlanInput>()->name;
        const Tensor numbers = torch::rand({batch.count, step.out_channels, sizes[i].height, sizes[i].width});
        inputs[name] = name == "landmarks" ? numbers * (std::max(batch.height, batch.width) + 2) - 1.5 : numbers - 0.4;
    }
    return inputs;
}

/// ‖a − b‖ / ‖b‖ of the one called `name`.
inline double relative_difference(const std::map<std::string, Tensor>& a, const std::map<std::string, Tensor>& b,
                                  const std::string& name) {
    const Tensor want = b.at(name).to(torch::kDouble);
    return ((a.at(name).to(torch::kDouble) - want).norm() / want.norm()).item<double>();
}

/// What LibTorch itself makes of the inputs in another type. The module's parameters stay of that type.
inline std::map<std::string, Tensor> play_in(PlanModule& module, std::map<std::string, Tensor> inputs,
                                             at::ScalarType type) {
    module.to(type);
    for (auto& [name, input] : inputs) input = input.to(type);
    return module.play(inputs);
}

/// ‖engine − LibTorch‖ / ‖LibTorch‖ of every output stays under the precision's bound, or where untrained weights add
/// roundings up beyond it, under what those of LibTorch come to: twice its float32 against float64, its bfloat16
/// against float32.
inline void expect_parity(const Plan& plan, const BatchShape& batch, Precision precision, double bf16_bound = 2e-2) {
    torch::manual_seed(7);
    PlanModule module(plan);
    shake(module);
    module.eval();
    const torch::InferenceMode inference;
    const std::map<std::string, Tensor> inputs = random_inputs(plan, batch);
    const auto expected = module.play(inputs);
    const PlanEngine engine(plan, state_of(module), precision);
    const auto ours = play(engine, inputs, expected, 2);
    const bool logarithms = std::any_of(plan.steps.begin(), plan.steps.end(),  // of eigenvalues near 0
                                        [](const Step& step) { return step.is<step::MapEigenvalues>(); });
    const double f32_bound = plays_winograd(engine, batch) || logarithms ? 2e-5 : 2e-6;
    const double bound = precision == Precision::bf16 ? bf16_bound : f32_bound;
    for (const auto& [name, want] : expected) {
        const double error = relative_difference(ours, expected, name);
        if (error < bound) continue;
        const bool narrow = precision == Precision::bf16;
        const auto other = play_in(module, inputs, narrow ? at::kBFloat16 : at::kDouble);
        const double theirs =
            narrow ? relative_difference(other, expected, name) : 2 * relative_difference(expected, other, name);
        EXPECT_LT(error, theirs) << name << " in " << name_of(precision) << ", bound " << bound;
    }
}

}  // namespace affectsr
