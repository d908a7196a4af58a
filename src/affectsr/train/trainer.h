// The training loop: batches, schedule, validation, checkpoints, resume.
#pragma once

#include <stop_token>

#include "affectsr/train/recipe.h"
#include "affectsr/train/task.h"
#include "affectsr/train/trainer_options.h"

namespace affectsr {

/// Runs a task by its recipe. Checkpoints hold the task's state, position and what was learned from; they appear by
/// atomic rename, and the two newest are kept. The batches are a pure function of seed, epoch and step, and chance
/// inside the network is reseeded every step. So a run of so many epochs, resumed on the CPU of the same machine with
/// the same numbers of processes and of computing threads, ends with the same bits as one that was never stopped,
/// whatever these numbers and however many loader threads there are; other numbers add in another order, and cost a
/// warning. A run of so many minutes does as many steps as the machine can, so its bits are its own. The log gets one
/// JSON line per epoch and is cut back to the checkpoint that a run goes on from. Of several processes, rank 0 writes
/// and validates; all end together.
/// Throws as expect_outputs_free and World; UsageError (`other_recipe`, `other_data`) saying what changed if the
/// checkpoint was made with another recipe or from other data, or if the processes differ in these or
/// (`other_checkpoint`) in where they go on from; ModelError if no checkpoint is whole; ResourceError naming the file
/// if one cannot be written, which leaves the checkpoints before it; InputError (`training_diverged`) if the loss is
/// not finite.
TrainReport train(const Recipe& recipe, Task& task, const SampleSource& source, const World& world,
                  const TrainerOptions& options, std::stop_token stop = {});

/// Throws UsageError (`would_overwrite`) if the model is there and `overwrite` is not set, or if a checkpoint is there
/// and neither `resume` nor `overwrite` is; ResourceError if the folder cannot be made. Reads no data.
void expect_outputs_free(const Recipe& recipe, const TrainerOptions& options);

}  // namespace affectsr
