#include "affectsr/train/supervised_task.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/classify/test_networks.h"
#include "affectsr/net/threads.h"
#include "affectsr/train/test_faces.h"
#include "affectsr/train/trainer.h"

namespace affectsr {
namespace {

TEST(SupervisedTask, EveryNetworkOfTheCatalogLearnsOneBatch) {
    set_threads(
        1);  // tiny products: threads that wait for each other would take longer, and very long on a busy machine
    for (const auto& entry : expression_network_catalog()) {
        const TestFaces faces;
        Recipe recipe = faces.recipe();
        recipe.network.name = entry.name;
        recipe.network.options = small_options(entry);
        SupervisedTask task(recipe);
        const Batches batches(batch_options(recipe, task.heads(), task.needs().input_px, task.needs().channels, 1));
        const Batch batch = batches.at(0, 0);
        // Few enough changes a step for networks without norms; means, because dropout makes each loss a sample.
        const auto mean_of_five = [&] {
            double sum = 0;
            for (int i = 0; i < 5; ++i) sum += task.step(batch, 0.01, Alone{}).at("loss");
            return sum / 5;
        };
        const double before = mean_of_five();
        for (int i = 0; i < 10; ++i) mean_of_five();
        EXPECT_LT(mean_of_five(), before) << entry.name;
    }
}

TEST(SupervisedTask, KnowsItsHeadsAndLosses) {
    const TestFaces faces;
    Recipe recipe = faces.recipe();
    recipe.losses[0].head = "mood";
    EXPECT_THROW(SupervisedTask{recipe}, UsageError);
    recipe = faces.recipe();
    recipe.losses[0].name = "hinge";
    EXPECT_THROW(SupervisedTask{recipe}, UsageError);
    recipe = faces.recipe();
    recipe.network.name = "huge_net";
    EXPECT_THROW(SupervisedTask{recipe}, UsageError);
}

TEST(SupervisedTask, CalibrationKeepsTheAnswersAndChangesOnlyTheirConfidence) {
    const TestFaces faces;
    const Recipe recipe = faces.recipe();
    SupervisedTask task(recipe);
    const Batches batches(batch_options(recipe, task.heads(), 16, 1, 1));
    for (std::uint64_t step = 0; step < 3; ++step) task.step(batches.at(0, step), 0.05, Alone{});
    const Json before = task.validate(batches);
    const Json temperature = task.finish(batches);
    EXPECT_GT(temperature["expression"].get<double>(), 0);
    EXPECT_EQ(task.validate(batches), before);
}

TEST(SupervisedTask, StoresWhatWasLearnedInBfloat16AndStatisticsExactly) {
    const TestFaces faces;
    const ModelFile file = SupervisedTask(faces.recipe()).model();
    EXPECT_EQ(file.tensors.at("net.stem.conv1.weight").type(), DType::bf16);
    EXPECT_EQ(file.tensors.at("net.stem.bn1.weight").type(), DType::bf16);
    EXPECT_EQ(file.tensors.at("net.stem.bn1.running_var").type(), DType::f32);
    EXPECT_FALSE(file.tensors.contains("net.stem.bn1.num_batches_tracked"));
}

TEST(SupervisedTask, RefusesAStateOfAnotherNetwork) {
    const TestFaces faces;
    Recipe other = faces.recipe();
    other.network.options["widths"] = {8, 24};
    const TensorMap state = SupervisedTask(other).state();
    SupervisedTask task(faces.recipe());
    EXPECT_THROW(task.load(state, "other"), ModelError);
}

}  // namespace
}  // namespace affectsr
