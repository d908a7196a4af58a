#include "affectsr/train/task_catalog.h"

#include <array>

#include "affectsr/train/any_scale_task.h"
#include "affectsr/train/detection_task.h"
#include "affectsr/train/feature_task.h"
#include "affectsr/train/landmarks_task.h"
#include "affectsr/train/pupil_task.h"
#include "affectsr/train/super_resolution_task.h"
#include "affectsr/train/supervised_task.h"

namespace affectsr {

namespace {

template <class Kind, class Options>
Entry<TaskMaker> task(const std::string& name, const std::string& source) {
    return made_entry<TaskMaker, Options>(name, source, [](const Options& options) {
        return std::make_unique<TaskMaker>(
            [options](const Recipe& recipe, const std::filesystem::path& folder) -> std::unique_ptr<Task> {
                return std::make_unique<Kind>(options, recipe, folder);
            });
    });
}

}  // namespace

std::span<const Entry<TaskMaker>> task_catalog() {
    static const std::array catalog{
        task<SupervisedTask, SupervisedOptions>("supervised", "expression networks: labels, votes, teachers' answers"),
        task<SuperResolutionTask, SuperResolutionOptions>("super_resolution", "lr → hr, pixel losses"),
        task<AnyScaleTask, AnyScaleTaskOptions>("any_scale", "lr of several sizes → hr, one network"),
        task<FeatureTask, FeatureTaskOptions>("features", "FSR-FER: features of the small face → of the large one"),
        task<PupilTask, PupilTaskOptions>("pupil", "covpool's features C of the small face → of the large one"),
        task<DetectionTask, DetectionTaskOptions>("detection", "faces pasted into pictures, YuNet's losses"),
        task<LandmarksTask, LandmarksTaskOptions>("landmarks", "points that a landmarker marked on the large face"),
    };
    return catalog;
}

std::unique_ptr<Task> make_task(const Recipe& recipe, const std::filesystem::path& folder) {
    return (*find(task_catalog(), recipe.task.name, "task").make(recipe.task.options))(recipe, folder);
}

}  // namespace affectsr
