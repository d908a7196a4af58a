// A golden case whose network is a Plan: one description, played by every player.
#pragma once

#include "affectsr/plan/plan.h"
#include "golden/golden_case.h"

namespace affectsr::golden {

/// What a runner of a Plan hands over. The state comes from Case::filled_state(), by the steps' names.
struct PlanCase {
    Plan plan;         ///< its output names are what `finish` sees; Plan::output_mark adds stages
    HostTensor input;  ///< float32 [n, c, h, w], of the plan's first input
    /// From the plan's outputs by name to "output.*" and "stage.*"; null: every output as "output." + its name.
    std::function<Outputs(const std::map<std::string, HostTensor>&)> finish = nullptr;
    std::map<std::string, HostTensor> further = {};        ///< the plan's other inputs, by name
    std::function<TensorMap(TensorMap)> rename = nullptr;  ///< the state under the plan's names and shapes
    /// ∂L/∂output by the output's name and values, null: no gradients. Where it is set, `finish` also sees
    /// "grad.NAME" of every input and learned parameter; where it does not, the player has none.
    std::function<HostTensor(const std::string&, const HostTensor&)> loss_gradient = nullptr;
};

/// What every player makes of the case, under the names that register_plan() tells. Gradients are LibTorch's with
/// running statistics as they are, and, without batch norms, those of the engine's training step, "@engine_training".
Outputs play(const PlanCase& plan_case, const Case& golden_case);

/// Makes `item` known with its players: LibTorch's answers carry the tensors' own names, those of the engine the name
/// and
/// "@engine" or, where the processor has bfloat16, "@engine_bf16". Returns true; to be called as register_runner.
bool register_plan(std::string item, std::function<PlanCase(const Case&)> describe);

/// The same numbers in another shape.
HostTensor reshaped(const HostTensor& tensor, std::vector<std::int64_t> shape);
/// Matrices [out, in] become weights of 1×1 convolutions, [out, in, 1, 1].
TensorMap with_convolutions(TensorMap state);

/// input.x as cases tell it that do not store it: each pixel of input.x_small input.factor times in both directions.
HostTensor repeated_input(const Case&);
/// Every so-manieth channel, row and column, the first included, so that [n, c, h, w] gets `shape`: what fixtures keep
/// of large values.
HostTensor strided(const HostTensor& tensor, const std::vector<std::int64_t>& shape);
/// Side × side pixels of [n, c, h, w] from `top` and `left` on.
HostTensor crop(const HostTensor& tensor, int top, int left, int side);
/// [2]: mean and unbiased standard deviation of all numbers.
HostTensor mean_and_deviation(const HostTensor& tensor);
/// The first `count` channels of [n, c, h, w]: what fixtures of wide networks keep of a stage.
HostTensor first_channels(const HostTensor& tensor, std::int64_t count);
/// [n, c, h, w] → [n, c], the mean over each picture.
HostTensor spatial_mean(const HostTensor& tensor);

/// Every number of [n, c, …] changed by its value and channel: references begin where our plans count otherwise.
HostTensor with_channels(const HostTensor& tensor,
                         const std::function<float(float value, std::size_t channel)>& change);

/// [0, 1] → [−1, 1], where references of networks that make pictures begin, and back.
HostTensor from_unit(const HostTensor& tensor);
HostTensor to_unit(const HostTensor& tensor);

}  // namespace affectsr::golden
