// How a training run is kept and watched, and how it ended.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "affectsr/base/fields.h"
#include "affectsr/train/world_place.h"

namespace affectsr {

/// Where a run stands, for a progress bar.
struct TrainProgress {
    int epoch = 0, epochs = 0;          ///< epoch counts from 1; of a run of so many minutes, `epochs` is 0
    std::uint64_t step = 0, steps = 0;  ///< of the whole run; of a run of so many minutes, `steps` is 0
    double done = 0;                    ///< share of the run, 0 to 1
    double loss = 0;                    ///< mean of the last steps
    double faces_per_s = 0;             ///< of all processes together, since they began or resumed
    Json validation;                    ///< figures of the last finished epoch; null before
};

/// How a run is kept and watched.
struct TrainerOptions {
    std::filesystem::path folder;  ///< NAME.checkpoint.safetensors, NAME.log.jsonl, NAME.faces.png, NAME.safetensors
    bool resume = false;           ///< go on from the checkpoint in the folder
    bool overwrite = false;        ///< a model of that name may be replaced, and without `resume` a checkpoint too
    bool skip_broken = false;      ///< go on without the pictures and folders that cannot be read
    int checkpoint_every_s = 120;  ///< seconds between checkpoints; one is always written after an epoch
    int loader_threads = 1;        ///< threads that prepare batches ahead
    int memory_mb = 2048;          ///< for decoded pictures; what is beyond is decoded each time it is drawn
    double minutes = 0;            ///< if above 0, instead of the recipe's length
    WorldOptions world;            ///< how processes that train together wait for each other
    std::function<void(const TrainProgress&)> on_step;  ///< called after every step of rank 0; may be empty
};

/// How a run ended.
struct TrainReport {
    int rank = 0;             ///< of this process among those that train together; rank 0 wrote the files
    bool finished = false;    ///< false: some process was asked to stop, a checkpoint is written
    std::uint64_t steps = 0;  ///< done in all
    double seconds = 0;       ///< wall clock of this process
    double faces_per_s = 0;
    Json validation;
    std::filesystem::path model;  ///< written if finished
};

}  // namespace affectsr
