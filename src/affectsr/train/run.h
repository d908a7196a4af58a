// A whole training run by its recipe file; what callers need, free of LibTorch.
#pragma once

#include <filesystem>
#include <stop_token>

#include "affectsr/train/trainer_options.h"

namespace affectsr {

/// Reads the recipe, decodes its data on `threads` threads and trains its task, with the other processes of the run if
/// the environment tells of some (world_place); relative data folders are taken from `data_root`. What can be refused
/// is refused before a face is decoded. A stop while they are decoded ends the run with nothing written. Throws as
/// world_place, read_recipe, make_world, make_task, Task::open_data and train.
TrainReport train_by_recipe(const std::filesystem::path& recipe_file, const std::filesystem::path& data_root,
                            int threads, const TrainerOptions& options, std::stop_token stop = {});

}  // namespace affectsr
