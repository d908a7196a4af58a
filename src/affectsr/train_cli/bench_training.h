// How fast networks learn: whole steps of ours and of LibTorch, and oneDNN's convolutions alone, in one process.
#pragma once

#include <stop_token>
#include <string>

#include "affectsr/experiment/bench.h"

namespace affectsr::cli {

/// Random weights and pictures; a step is forward, the mean square of the outputs as loss, backward and AdamW. Played
/// in turns, one step each, after one that is not counted; the median of `runs` is told. Players: "fast" (PlanModule as
/// it trains), "libtorch" (Play::libtorch, under autocast in bf16) in both layouts, "primitives" (TrainingPrimitives:
/// oneDNN's three of every convolution of the plan, on its shapes, and nothing else). Rows: network, size, player,
/// precision, layout, threads, batch, ms, faces_per_s, gflops (of the convolutions and products, three times those of
/// inference), share_of_primitives (the primitives' time by the player's) and times_libtorch (how many times faster
/// than LibTorch's fastest layout in the same precision). The second report, empty unless options.profile, has what
/// each kind of operation of the fast step costs. Throws UsageError as bench(), and `no_engine` without the engine.
BenchReports bench_training(const BenchOptions& options, const std::string& command, const BenchProgress& progress,
                            std::stop_token stop);

}  // namespace affectsr::cli
