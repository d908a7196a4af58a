#include "affectsr/train/supervised_task.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/classify/test_networks.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/learn/threads.h"
#include "affectsr/train/test_faces.h"
#include "affectsr/train/trainer.h"

namespace affectsr {
namespace {

/// The task of a recipe; its models, if any, lie nowhere.
SupervisedTask task_of(const Recipe& recipe) {
    return {affectsr::from_json<SupervisedOptions>(recipe.task.options, "supervised"), recipe, ""};
}

/// The first weights of the task as a model file.
ModelFile model_of(const Recipe& recipe) {
    return task_of(recipe).models().at("");
}

Recipe recipe_with(const TestFaces& faces, const Entry<ExpressionNetwork>& entry) {
    Recipe recipe = faces.recipe();
    option(recipe, "/network") = {{"name", entry.name}, {"options", small_options(entry)}};
    option(recipe, "/learning/schedule") = {{"peak", 0.01}, {"warm_up", 0}, {"last", 1}};
    return recipe;
}

TEST(SupervisedTask, EveryNetworkOfTheCatalogLearnsOneBatch) {
    set_libtorch_threads(
        1);  // tiny products: threads that wait for each other would take longer, and very long on a busy machine
    for (const auto& entry : expression_network_catalog()) {
        const TestFaces faces;
        SupervisedTask task = task_of(recipe_with(faces, entry));
        const Batch batch = task.open_data({})->at({0, 0}, {});
        // Few enough changes a step for networks without norms; means, because dropout makes each loss a sample.
        const auto mean_of_five = [&] {
            double sum = 0;
            for (int i = 0; i < 5; ++i) sum += task.step(batch, {}, Alone{}).at("loss");
            return sum / 5;
        };
        const double before = mean_of_five();
        for (int i = 0; i < 10; ++i) mean_of_five();
        EXPECT_LT(mean_of_five(), before) << entry.name;
    }
}

TEST(SupervisedTask, KnowsItsHeadsLossesAndOptions) {
    const TestFaces faces;
    for (const auto& [pointer, value] : {std::pair<const char*, Json>{"/losses/0/head", "mood"},
                                         {"/losses/0/name", "hinge"},
                                         {"/losses/0/weight", 0},
                                         {"/network/name", "huge_net"},
                                         {"/losses/0/name", "distillation"}}) {
        Recipe recipe = faces.recipe();
        option(recipe, pointer) = value;
        EXPECT_THROW(task_of(recipe), UsageError) << pointer << " " << value;
    }
    Recipe recipe = faces.recipe();
    option(recipe, "/losses") = Json::array();
    EXPECT_THROW(task_of(recipe), UsageError) << "nothing is minimised";
}

/// Parameters of the first weights after one step.
TensorMap after_one_step(const Recipe& recipe) {
    SupervisedTask task = task_of(recipe);
    task.step(task.open_data({})->at({0, 0}, {}), {0.5, 0}, Alone{});
    return task.state();
}

TEST(SupervisedTask, GradientsOfTheBatchsPartsAddUpToThoseOfTheWhole) {
    set_libtorch_threads(1);
    const TestFaces faces;
    Recipe recipe = faces.recipe();
    // A network without batch norm and dropout, whose faces know nothing of each other.
    option(recipe, "/network") = {{"name", "vgg16"},
                                  {"options", small_options(find(expression_network_catalog(), "vgg16", "network"))}};
    option(recipe, "/network/options")["dropout"] = 0;
    recipe.data[0].share = 1;
    const TensorMap whole = after_one_step(recipe);
    recipe.accumulate = 3;  // 3 + 3 + 2 faces
    const TensorMap parts = after_one_step(recipe);
    recipe.seed = 2;
    const TensorMap other = after_one_step(recipe);
    const auto difference = [&](const TensorMap& a) {
        double most = 0;
        for (const auto& [name, tensor] : whole)
            if (name.ends_with(".weight"))
                for (std::size_t i = 0; i < tensor.floats().size(); ++i)
                    most = std::max(most, double{std::abs(tensor.floats()[i] - a.at(name).floats()[i])});
        return most;
    };
    EXPECT_LT(difference(parts), 1e-6);
    EXPECT_GT(difference(other), 1e-3) << "or this test sees nothing";
}

TEST(SupervisedTask, CalibrationKeepsTheAnswersAndChangesOnlyTheirConfidence) {
    const TestFaces faces;
    SupervisedTask task = task_of(faces.recipe());
    const auto source = task.open_data({});
    for (std::uint64_t step = 0; step < 3; ++step) task.step(source->at({0, step}, {}), {0.15, step}, Alone{});
    const Json before = task.validate(*source);
    const Json found = task.finish(*source);
    EXPECT_GT(found["temperature"]["expression"].get<double>(), 0);
    EXPECT_EQ(task.validate(*source), before);
}

/// Mean negative log likelihood of the held-out faces' most probable classes, by the network as it would be stored.
double held_out_loss(const SupervisedTask& task, const Recipe& recipe, const SampleSource& source) {
    const ModelFile file = task.models().at("");
    const auto network = find(expression_network_catalog(), file.card.network, "network").make(file.card.options);
    PlanModule module(network->plan);
    load_state(module, file.tensors, file.card.network);
    module.eval();
    const at::NoGradGuard no_grad;
    double sum = 0;
    for (const int size : recipe.validation.sizes) {
        const Batch batch = source.held_out(0, source.held_out_count(), size);
        sum += soft_cross_entropy(module.play(batch.at("face")).at("expression"), batch.at("target.expression"))
                   .mean()
                   .item<double>();
    }
    return sum / static_cast<double>(recipe.validation.sizes.size());
}

TEST(SupervisedTask, CalibrationReachesTheHeadOfEveryNetwork) {
    set_libtorch_threads(1);
    for (const auto& entry : expression_network_catalog()) {
        const TestFaces faces;
        at::manual_seed(1);  // of what dropout leaves out
        Recipe recipe = recipe_with(faces, entry);
        option(recipe, "/learning/schedule/peak") = 0.02;
        SupervisedTask task = task_of(recipe);
        const auto source = task.open_data({});
        for (std::uint64_t step = 0; step < 3; ++step) task.step(source->at({0, step}, {}), {}, Alone{});
        const double before = held_out_loss(task, recipe, *source);
        const double temperature = task.finish(*source)["temperature"]["expression"].get<double>();
        EXPECT_GT(std::abs(temperature - 1), 0.02) << entry.name << ": too near to 1 for this test to see anything";
        EXPECT_LT(held_out_loss(task, recipe, *source), before) << entry.name << " at temperature " << temperature;
    }
}

TEST(SupervisedTask, APupilLearnsItsTeachersAnswersWithoutLabels) {
    set_libtorch_threads(1);
    const TestFaces faces;
    Recipe recipe = faces.recipe();
    SupervisedTask teacher = task_of(recipe);
    const auto source = teacher.open_data({});
    for (std::uint64_t step = 0; step < 60; ++step)
        teacher.step(source->at({step / 3, step % 3}, {}), {0.15, step}, Alone{});
    ModelFile file = teacher.models().at("");
    file.save(faces.folder() / "teacher.safetensors");
    ASSERT_GT(teacher.validate(*source)["expression"]["16"].get<double>(), 0.9) << "it has learned";

    option(recipe, "/teachers") = {"teacher"};
    option(recipe, "/losses/0/name") = "distillation";
    recipe.data[0].expression = "nothing";
    recipe.seed = 2;
    SupervisedTask pupil(affectsr::from_json<SupervisedOptions>(recipe.task.options, "supervised"), recipe,
                         faces.folder());
    EXPECT_EQ(pupil.stands_on()["teachers"][0]["name"], "teacher");
    EXPECT_EQ(pupil.stands_on()["teachers"][0]["sha256"],
              ModelFile::open(faces.folder() / "teacher.safetensors").card.sha256);
    const auto unlabelled = pupil.open_data({});
    for (std::uint64_t step = 0; step < 60; ++step)
        EXPECT_TRUE(pupil.step(unlabelled->at({step / 3, step % 3}, {}), {0.15, step}, Alone{})
                        .contains("distillation.expression"));
    EXPECT_GT(pupil.validate(*source)["expression"]["16"].get<double>(), 0.9) << "from the teacher alone";
}

TEST(SupervisedTask, APupilThatSeesColoursMayHaveATeacherThatSeesLuma) {
    const TestFaces faces;
    Recipe recipe = faces.recipe();
    model_of(recipe).save(faces.folder() / "teacher.safetensors");
    option(recipe, "/network") = {{"name", "covpool"},
                                  {"options", small_options(find(expression_network_catalog(), "covpool", "network"))}};
    option(recipe, "/teachers") = {"teacher"};
    option(recipe, "/losses/0/name") = "distillation";
    SupervisedTask pupil(affectsr::from_json<SupervisedOptions>(recipe.task.options, "supervised"), recipe,
                         faces.folder());
    const Batch batch = pupil.open_data({})->at({0, 0}, {});
    EXPECT_EQ(batch.at("face").size(1), 3);
    EXPECT_NEAR(batch.at("teacher.expression").sum(1)[0].item<double>(), 1, 1e-5);
}

TEST(SupervisedTask, StartsFromTheWeightsOfAnotherModelThatFit) {
    const TestFaces faces;
    Recipe recipe = faces.recipe();
    recipe.seed = 5;
    model_of(recipe).save(faces.folder() / "first.safetensors");
    recipe.seed = 1;
    option(recipe, "/network/options/widths") = {8, 24};
    option(recipe, "/learning/start") = "first.safetensors";
    const SupervisedTask task(affectsr::from_json<SupervisedOptions>(recipe.task.options, "supervised"), recipe,
                              faces.folder());
    const TensorMap given = ModelFile::open(faces.folder() / "first.safetensors").tensors;
    const TensorMap taken = task.models().at("").tensors;
    EXPECT_EQ(taken.at("stem.conv1.weight").floats(), given.at("stem.conv1.weight").floats());
    EXPECT_EQ(task.stands_on()["start"]["name"], "first");
    option(recipe, "/network") = {{"name", "vgg16"},
                                  {"options", small_options(find(expression_network_catalog(), "vgg16", "network"))}};
    EXPECT_THROW(
        SupervisedTask(affectsr::from_json<SupervisedOptions>(recipe.task.options, ""), recipe, faces.folder()),
        ModelError)
        << "no weight fits";
}

TEST(SupervisedTask, TheCardHasEveryOptionOfTheNetwork) {
    const TestFaces faces;
    const Json options = model_of(faces.recipe()).card.options;
    EXPECT_EQ(options["widths"], (Json{8, 16}));
    EXPECT_EQ(options["squeeze"], 8) << "not typed in the recipe";
    EXPECT_EQ(options["excited_stages"], 1);
    EXPECT_EQ(options.size(), find(expression_network_catalog(), "small_net", "network").default_options.size());
}

TEST(SupervisedTask, StoresWhatWasLearnedInBfloat16AndStatisticsExactly) {
    const TestFaces faces;
    const ModelFile file = model_of(faces.recipe());
    EXPECT_EQ(file.tensors.at("stem.conv1.weight").type(), DType::bf16);
    EXPECT_EQ(file.tensors.at("stem.bn1.weight").type(), DType::bf16);
    EXPECT_EQ(file.tensors.at("stem.bn1.running_var").type(), DType::f32);
    EXPECT_FALSE(file.tensors.contains("stem.bn1.num_batches_tracked"));
}

TEST(SupervisedTask, RefusesAStateOfAnotherNetwork) {
    const TestFaces faces;
    Recipe other = faces.recipe();
    option(other, "/network/options/widths") = {8, 24};
    const TensorMap state = task_of(other).state();
    SupervisedTask task = task_of(faces.recipe());
    EXPECT_THROW(task.load(state, "other"), ModelError);
}

}  // namespace
}  // namespace affectsr
