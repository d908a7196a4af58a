#include "affectsr/train/feature_task.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/train/test_covpool.h"

namespace affectsr {
namespace {

class FeatureTaskTest : public OnCovpoolTest {
 protected:
    Recipe recipe() const {
        const Json learning{{"optimiser", {{"name", "adam"}, {"beta1", 0}, {"averaging", 0.9}}},
                            {"schedule", {{"peak", 1e-3}, {"warm_up", 0}, {"last", 1}}}};
        Recipe recipe = recipe_of("features", {{"model", covpool_.string()},
                                               {"generator", {{"features", 8}, {"growth", 4}, {"blocks", 1}}},
                                               {"critic_features", 2},
                                               {"learning", learning},
                                               {"critic_learning", learning}});
        recipe.epochs = 3;
        return recipe;
    }
};

TEST_F(FeatureTaskTest, TheFeaturesOfSmallFacesComeNearThoseOfLargeOnes) {
    Recipe with = recipe();
    with.task.options["adversarial_weight"] = 0;
    const auto task = make_task(with, "");
    const Batch batch = task->open_data({})->at({0, 0}, {});
    const StepLog first = task->step(batch, {}, Alone{});
    for (int i = 0; i < 30; ++i) task->step(batch, {}, Alone{});
    const StepLog last = task->step(batch, {}, Alone{});
    EXPECT_LT(last.at("feature"), 0.9 * first.at("feature"));
    EXPECT_FALSE(last.contains("distance")) << "no critic";
}

TEST_F(FeatureTaskTest, TheCriticLearnsToTellThemApart) {
    const auto task = make_task(recipe(), "");
    const Batch batch = task->open_data({})->at({0, 0}, {});
    const double first = task->step(batch, {}, Alone{}).at("distance");
    for (int i = 0; i < 10; ++i) task->step(batch, {}, Alone{});
    const StepLog last = task->step(batch, {}, Alone{});
    EXPECT_GT(last.at("distance"), first);
    EXPECT_GT(last.at("penalty"), 0);
    EXPECT_GE(last.at("weight"), 0.5);
    EXPECT_LE(last.at("weight"), 1.5) << "1.5 − p";
}

TEST_F(FeatureTaskTest, TheCriticCountsFromItsTimeOn) {
    Recipe late = recipe();
    late.task.options["adversarial_from"] = 0.5;
    const auto task = make_task(late, "");
    const Batch batch = task->open_data({})->at({0, 0}, {});
    EXPECT_FALSE(task->step(batch, {0.4, 1}, Alone{}).contains("distance"));
    EXPECT_TRUE(task->step(batch, {0.5, 2}, Alone{}).contains("distance"));
}

TEST_F(FeatureTaskTest, TheModelIsTheWholeNetworkAndAnswersAsTheTaskDoes) {
    const auto task = make_task(recipe(), "");
    const auto source = task->open_data({});
    const Batch batch = source->at({0, 0}, {});
    for (int i = 0; i < 3; ++i) task->step(batch, {}, Alone{});
    const Json figures = task->validate(*source);
    EXPECT_TRUE(figures["expression"]["16"].is_number());
    EXPECT_TRUE(figures["without_generator"]["8"].is_number());
    const ModelFile made = task->models().at("");
    EXPECT_EQ(made.card.network, "fsr_fer");
    const auto network = find(expression_network_catalog(), "fsr_fer", "network").make(made.card.options);
    EXPECT_EQ(network->plan.parameter_count(),
              covpool_plan(from_json<CovpoolOptions>(made.card.options["covpool"])).parameter_count() +
                  feature_generator_plan({8, 4, 1, false}).parameter_count());
    if (!engine_available()) return;
    const auto classifier = make_classifier(made, "a test", "f32");
    EXPECT_EQ(classifier->needs().input_px, 32);
    const Expression read = classifier->classify(Image(32, 32, 90));
    EXPECT_TRUE(std::isfinite(read.probability[0]));
}

TEST_F(FeatureTaskTest, AResumedRunEndsWithTheSameBits) {
    const TrainReport whole = run("whole", recipe(), {});
    run("parts", recipe(), {}, [](const TrainProgress& at, std::stop_source& stop) {
        if (at.step == 4) stop.request_stop();
    });
    TrainerOptions options;
    options.resume = true;
    const TrainReport resumed = run("parts", recipe(), options);
    EXPECT_TRUE(resumed.finished);
    expect_equal_weights(whole.model, resumed.model);
}

TEST_F(FeatureTaskTest, APupilLearnsToReadSmallFacesAsItsTeacherReadsLargeOnes) {
    Recipe learning = recipe();
    learning.task = {"pupil",
                     {{"model", learning.task.options["model"]}, {"learning", learning.task.options["learning"]}}};
    const auto task = make_task(learning, "");
    const auto source = task->open_data({});
    const Batch batch = source->at({0, 0}, {});
    const double first = task->step(batch, {}, Alone{}).at("perceptual");
    for (int i = 0; i < 80; ++i) task->step(batch, {}, Alone{});
    EXPECT_LT(task->step(batch, {}, Alone{}).at("perceptual"), 0.8 * first);
    const Json figures = task->validate(*source);
    EXPECT_TRUE(figures["expression"]["8"].is_number());
    EXPECT_TRUE(figures["teacher"]["8"].is_number());
    EXPECT_EQ(task->stands_on()["start"]["name"], "covpool") << "it begins as its teacher";
    const ModelFile made = task->models().at("");
    EXPECT_EQ(made.card.network, "covpool");
    if (!engine_available()) return;
    EXPECT_EQ(make_classifier(made, "a test", "f32")->heads().front(), "expression");
}

TEST_F(FeatureTaskTest, RefusesWhatItCannotLearnFrom) {
    Recipe parts = recipe();
    parts.accumulate = 2;
    EXPECT_THROW(make_task(parts, ""), UsageError);
    Recipe other = recipe();
    other.task.options["model"] = "small_net";
    EXPECT_THROW(make_task(other, ""), ModelError);
    Recipe missing = recipe();
    missing.task.options["model"] = "nobody";
    EXPECT_THROW(make_task(missing, ""), ModelError);
}

}  // namespace
}  // namespace affectsr
