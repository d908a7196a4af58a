#include "affectsr/train/run.h"

#include "affectsr/train/task_catalog.h"
#include "affectsr/train/trainer.h"

namespace affectsr {

TrainReport train_by_recipe(const std::filesystem::path& recipe_file, const std::filesystem::path& data_root,
                            int threads, const TrainerOptions& options, std::stop_token stop) {
    const WorldPlace place = world_place();
    Recipe recipe = read_recipe(recipe_file, data_root);
    if (options.minutes > 0) recipe.minutes = options.minutes;
    expect_outputs_free(recipe, options);
    // Before the task, whose networks go to this process's GPU.
    const std::unique_ptr<World> world = make_world(place, options.world);
    const std::unique_ptr<Task> task = make_task(recipe, options.folder);
    const std::unique_ptr<SampleSource> source =
        task->open_data({threads, std::int64_t{options.memory_mb} << 20, options.skip_broken, stop});
    if (anywhere(*world, stop.stop_requested())) {
        TrainReport report;
        report.rank = place.rank;
        return report;
    }
    return train(recipe, *task, *source, *world, options, stop);
}

}  // namespace affectsr
