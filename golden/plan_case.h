// A golden case whose network is a Plan: one description, played by every player.
#pragma once

#include "affectsr/plan/plan.h"
#include "golden/golden_case.h"

namespace affectsr::golden {

/// What a runner of a Plan hands over. The state comes from Case::filled_state(), by the steps' names.
struct PlanCase {
    Plan plan;         ///< its output names are what `finish` sees; Plan::output_mark adds stages
    HostTensor input;  ///< float32 [n, c, h, w]
    /// From the plan's outputs by name to "output.*" and "stage.*"; null: every output as "output." + its name.
    std::function<Outputs(const std::map<std::string, HostTensor>&)> finish = nullptr;
};

/// Makes `item` known with its players: LibTorch's answers carry the tensors' own names, those of the engine the name
/// and
/// "@engine" or, where the processor has bfloat16, "@engine_bf16". Returns true; to be called as register_runner.
bool register_plan(std::string item, std::function<PlanCase(const Case&)> describe);

/// The first `count` channels of [n, c, h, w]: what fixtures of wide networks keep of a stage.
HostTensor first_channels(const HostTensor& tensor, std::int64_t count);
/// [n, c, h, w] → [n, c], the mean over each picture.
HostTensor spatial_mean(const HostTensor& tensor);

/// Every number of [n, c, …] changed by its value and channel: references begin where our plans count otherwise.
HostTensor with_channels(const HostTensor& tensor,
                         const std::function<float(float value, std::size_t channel)>& change);

}  // namespace affectsr::golden
