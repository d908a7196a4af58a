// The training loop: batches, schedule, validation, checkpoints, resume.
#pragma once

#include <stop_token>

#include "affectsr/train/recipe.h"
#include "affectsr/train/run.h"
#include "affectsr/train/task.h"

namespace affectsr {

/// Runs a task by its recipe. Checkpoints hold model, optimiser and position and appear by atomic rename; the batches
/// are a pure function of seed, epoch and step, and chance inside the network is reseeded every step, so a run resumed
/// on the CPU ends with the same bits as one that was never stopped. The log gets one JSON line per epoch. Throws
/// UsageError if a checkpoint exists and `resume` is not set, or is set and the recipe has changed; ResourceError if
/// the disk is full.
TrainReport train(const Recipe& recipe, Task& task, const Batches& batches, const World& world,
                  const TrainerOptions& options, std::stop_token stop = {});

/// The options of Batches that a recipe asks for.
Batches::Options batch_options(const Recipe& recipe, const std::vector<std::string>& heads, int px, int channels,
                               int threads);

}  // namespace affectsr
