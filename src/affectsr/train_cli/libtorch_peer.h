// LibTorch as the peer of the engine in a bench.
#pragma once

#include <vector>

#include "affectsr/experiment/bench.h"

namespace affectsr::cli {

/// LibTorch on a task in every layout worth comparing: float32 in its default layout and channels-last, bf16 with bf16
/// weights channels-last. The players own what they play with. Sets the number of LibTorch's threads.
std::vector<BenchPlayer> libtorch_players(const BenchTask& task);

}  // namespace affectsr::cli
