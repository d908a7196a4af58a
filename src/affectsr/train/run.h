// A whole training run by its recipe file; what callers need, free of LibTorch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>

#include "affectsr/base/fields.h"

namespace affectsr {

/// Where a run stands, for a progress bar.
struct TrainProgress {
    int epoch = 0, epochs = 0;          ///< epoch counts from 1
    std::uint64_t step = 0, steps = 0;  ///< of the whole run
    double loss = 0;                    ///< mean of the last steps
    double faces_per_s = 0;             ///< of this process, since it began or resumed
    double seconds_left = 0;
    Json validation;  ///< figures of the last finished epoch; null before
};

/// How a run is kept and watched.
struct TrainerOptions {
    std::filesystem::path folder;  ///< NAME.checkpoint.safetensors, NAME.log.jsonl, NAME.safetensors go here
    bool resume = false;           ///< go on from the checkpoint in the folder
    bool overwrite = false;        ///< a model of that name may be replaced, and without `resume` a checkpoint too
    bool skip_broken = false;      ///< go on without the pictures and folders that cannot be read
    int checkpoint_every_s = 120;  ///< seconds between checkpoints; one is always written after an epoch
    int loader_threads = 1;        ///< threads that prepare batches ahead
    std::function<void(const TrainProgress&)> on_step;  ///< called after every step; may be empty
};

/// How a run ended.
struct TrainReport {
    bool finished = false;    ///< false: stopped on request, a checkpoint is written
    std::uint64_t steps = 0;  ///< done in all
    double seconds = 0;       ///< wall clock of this process
    double faces_per_s = 0;
    Json validation;
    std::filesystem::path model;  ///< written if finished
};

/// Reads the recipe, decodes its faces on `threads` threads and trains its network in this process alone; relative data
/// folders are taken from `data_root`. What can be refused is refused before a face is decoded. A stop while they are
/// decoded ends the run with nothing written. Throws as read_recipe, SupervisedTask, Batches and train.
TrainReport train_by_recipe(const std::filesystem::path& recipe_file, const std::filesystem::path& data_root,
                            int threads, const TrainerOptions& options, std::stop_token stop = {});

}  // namespace affectsr
