#include "affectsr/train/run.h"

#include <utility>

#include "affectsr/train/supervised_task.h"
#include "affectsr/train/trainer.h"

namespace affectsr {

TrainReport train_by_recipe(const std::filesystem::path& recipe_file, const std::filesystem::path& data_root,
                            int threads, const TrainerOptions& options, std::stop_token stop) {
    const Recipe recipe = read_recipe(recipe_file, data_root);
    expect_outputs_free(recipe, options);
    SupervisedTask task(recipe);
    const ClassifierNeeds needs = task.needs();
    Batches::Options wanted = batch_options(recipe, task.heads(), needs.input_px, needs.channels, threads);
    wanted.skip_broken = options.skip_broken;
    wanted.stop = stop;
    const Batches batches(std::move(wanted));
    if (stop.stop_requested()) return {};
    return train(recipe, task, batches, Alone(), options, stop);
}

}  // namespace affectsr
