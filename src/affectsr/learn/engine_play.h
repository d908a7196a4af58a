// The engine on tensors: what is asked without gradients.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "affectsr/engine/plan_engine.h"
#include "affectsr/learn/tensor.h"

namespace affectsr {

/// By step, whether a value is [n, c] rather than [n, c, h, w]: what linear steps and flatten make, and what follows
/// them; of inputs, as they are fed.
std::vector<bool> flat_values(const Plan& plan, const std::map<std::string, Tensor>& inputs);

/// What the engine makes of inputs by their names, float32 on the processor: every output as a dense float32 tensor
/// without gradients, shaped as LibTorch would shape it. Thread-safe. Throws as PlanEngine::run.
std::map<std::string, Tensor> play_by_engine(const PlanEngine& engine, const std::map<std::string, Tensor>& inputs,
                                             int threads);

}  // namespace affectsr
