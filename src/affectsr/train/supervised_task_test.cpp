#include "affectsr/train/supervised_task.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/classify/test_networks.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/learn/threads.h"
#include "affectsr/train/test_faces.h"
#include "affectsr/train/trainer.h"

namespace affectsr {
namespace {

TEST(SupervisedTask, EveryNetworkOfTheCatalogLearnsOneBatch) {
    set_libtorch_threads(
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

/// Mean negative log likelihood of the held-out faces' most probable classes, by the network as it would be stored.
double held_out_loss(const SupervisedTask& task, const Recipe& recipe, const Batches& batches) {
    const auto network =
        find(expression_network_catalog(), recipe.network.name, "network").make(recipe.network.options);
    PlanModule module(network->plan);
    load_state(module, task.model().tensors, recipe.network.name);
    module.eval();
    const at::NoGradGuard no_grad;
    double sum = 0;
    for (const int size : recipe.validation.sizes) {
        const Batch batch = batches.validation(0, batches.validation_faces(), size);
        sum += soft_cross_entropy(module.play(batch.faces).at("expression"), batch.targets.at("expression"), 0)
                   .item<double>();
    }
    return sum / static_cast<double>(recipe.validation.sizes.size());
}

TEST(SupervisedTask, CalibrationReachesTheHeadOfEveryNetwork) {
    set_libtorch_threads(1);
    for (const auto& entry : expression_network_catalog()) {
        const TestFaces faces;
        Recipe recipe = faces.recipe();
        recipe.network.name = entry.name;
        recipe.network.options = small_options(entry);
        SupervisedTask task(recipe);
        const Batches batches(batch_options(recipe, task.heads(), task.needs().input_px, task.needs().channels, 1));
        for (std::uint64_t step = 0; step < 3; ++step) task.step(batches.at(0, step), 0.02, Alone{});
        const double before = held_out_loss(task, recipe, batches);
        const double temperature = task.finish(batches).at("expression").get<double>();
        EXPECT_GT(std::abs(temperature - 1), 0.02) << entry.name << ": too near to 1 for this test to see anything";
        EXPECT_LT(held_out_loss(task, recipe, batches), before) << entry.name << " at temperature " << temperature;
    }
}

TEST(SupervisedTask, TheCardHasEveryOptionOfTheNetwork) {
    const TestFaces faces;
    const Json options = SupervisedTask(faces.recipe()).model().card.options;
    EXPECT_EQ(options["widths"], (Json{8, 16}));
    EXPECT_EQ(options["squeeze"], 8) << "not typed in the recipe";
    EXPECT_EQ(options["excited_stages"], 1);
    EXPECT_EQ(options.size(), find(expression_network_catalog(), "small_net", "network").default_options.size());
}

TEST(SupervisedTask, StoresWhatWasLearnedInBfloat16AndStatisticsExactly) {
    const TestFaces faces;
    const ModelFile file = SupervisedTask(faces.recipe()).model();
    EXPECT_EQ(file.tensors.at("stem.conv1.weight").type(), DType::bf16);
    EXPECT_EQ(file.tensors.at("stem.bn1.weight").type(), DType::bf16);
    EXPECT_EQ(file.tensors.at("stem.bn1.running_var").type(), DType::f32);
    EXPECT_FALSE(file.tensors.contains("stem.bn1.num_batches_tracked"));
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
