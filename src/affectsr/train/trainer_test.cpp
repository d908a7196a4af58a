#include "affectsr/train/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "affectsr/base/test_folder.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/learn/threads.h"
#include "affectsr/train/checkpoint.h"
#include "affectsr/train/test_trainer.h"

namespace affectsr {
namespace {

TEST_F(TrainerTest, ValidatesAsSeldomAsItIsTold) {
    Recipe recipe = faces_.recipe();
    recipe.validation.every = 2;
    recipe.epochs = 5;
    const TrainReport report = run("seldom", recipe, {});
    EXPECT_FALSE(report.validation.empty());
    std::istringstream log(bytes("seldom/tiny.log.jsonl"));
    std::string validated;
    for (std::string line; std::getline(log, line);) validated += Json::parse(line).contains("validation") ? 'v' : '-';
    EXPECT_EQ(validated, "-v-vv") << "and at the end";
    EXPECT_EQ(CheckpointFiles(faces_.folder() / "seldom", "tiny").open_newest()->checkpoint.step, report.steps);
}

TEST_F(TrainerTest, PartsOfAnEpochAreValidatedAndLogged) {
    Recipe recipe = faces_.recipe();
    recipe.validation.every = 0.4;
    recipe.epochs = 2;
    std::vector<double> of_step;  // told as an average that forgets, .98 of it at every step
    double told = 0;
    run("often", recipe, {}, [&](const TrainProgress& at, std::stop_source&) {
        of_step.push_back(told == 0 ? at.loss : (at.loss - 0.98 * told) / 0.02);
        told = at.loss;
    });
    const std::vector<double> steps = logged("often", "step"), losses = logged("often", "loss");
    const double epoch = static_cast<double>(of_step.size()) / 2, part = std::round(0.4 * epoch);
    std::vector<double> expected;  // validations, and the ends of epochs
    for (double step = 1; step <= 2 * epoch; ++step)
        if (std::fmod(step, part) == 0 || std::fmod(step, epoch) == 0) expected.push_back(step);
    EXPECT_GT(expected.size(), 4U);
    ASSERT_EQ(steps, expected);
    auto begin = of_step.begin();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const auto end = of_step.begin() + static_cast<std::ptrdiff_t>(steps[i]);
        EXPECT_NEAR(losses[i], std::accumulate(begin, end, 0.0) / static_cast<double>(end - begin), 1e-6)
            << "the mean since the line before";
        begin = end;
    }
}

TEST_F(TrainerTest, LearnsWhatCanBeLearned) {
    const TrainReport report = run("a");
    EXPECT_TRUE(report.finished);
    // One batch says little: whole epochs are compared.
    const auto mean_of = [](auto begin, auto end) {
        return std::accumulate(begin, end, 0.0) / std::distance(begin, end);
    };
    const auto epoch = static_cast<std::ptrdiff_t>(report.steps) / faces_.recipe().epochs;
    EXPECT_LT(mean_of(losses_.end() - epoch, losses_.end()), 0.8 * mean_of(losses_.begin(), losses_.begin() + epoch));
    if (!engine_available()) return;  // nobody here plays what was learned
    const auto classifier = load_classifier("small_net", report.model, "f32");
    Image smile(16, 16, 30);
    std::fill_n(smile.rgb.begin(), 16 * 8 * 3, std::uint8_t{220});
    EXPECT_EQ(classifier->classify(smile).best(), Emotion::happiness);
}

/// With every number of computing threads, one and more: the sums inside are added in an order that depends on that
/// number alone.
class ResumedRun : public TrainerTest, public ::testing::WithParamInterface<int> {};

TEST_P(ResumedRun, EndsWithTheSameWeightsAndTheSameLog) {
    set_libtorch_threads(GetParam());
    const TrainReport whole = run("whole");
    // In the middle of an epoch, between two, and in the first.
    for (const std::uint64_t stop_after : {1, 7, 9}) {
        const std::string folder = "parts" + std::to_string(stop_after);
        const TrainReport stopped = run(folder, false, stop_after);
        EXPECT_FALSE(stopped.finished);
        EXPECT_EQ(stopped.steps, stop_after);
        const TrainReport resumed = run(folder, true);
        ASSERT_TRUE(resumed.finished);
        expect_equal_weights(whole.model, resumed.model);
        EXPECT_EQ(logged(folder, "loss"), logged("whole", "loss")) << "stopped after " << stop_after;
        EXPECT_EQ(logged(folder, "epoch"), logged("whole", "epoch"));
    }
    set_libtorch_threads(1);
}

INSTANTIATE_TEST_SUITE_P(TrainerThreads, ResumedRun, ::testing::Values(1, 2, 3));

TEST_F(TrainerTest, AnAverageOfTheWeightsIsStoredAndResumed) {
    set_libtorch_threads(1);
    Recipe recipe = faces_.recipe();
    option(recipe, "/learning/optimiser/averaging") = 0.9;
    const TrainReport whole = run("average", recipe, {});
    ASSERT_TRUE(whole.finished);
    run("average_parts", recipe, {}, [](const TrainProgress& at, std::stop_source& stop) {
        if (at.step == 7) stop.request_stop();
    });
    TrainerOptions options;
    options.resume = true;
    const TrainReport resumed = run("average_parts", recipe, options);
    expect_equal_weights(whole.model, resumed.model);
    const TensorMap plain = ModelFile::open(run("no_average").model).tensors;
    EXPECT_NE(ModelFile::open(whole.model).tensors.at("stem.conv1.weight").floats(),
              plain.at("stem.conv1.weight").floats());
}

TEST_F(TrainerTest, ARunOfSoManyMinutesEndsWithItsScheduleAndAModel) {
    set_libtorch_threads(1);
    Recipe recipe = faces_.recipe();
    recipe.minutes = 0.02;
    double last = 0;
    const TrainReport report = run("minutes", recipe, {}, [&](const TrainProgress& at, std::stop_source&) {
        EXPECT_EQ(at.steps, 0u) << "nobody knows how many";
        EXPECT_GE(at.done, last);
        last = at.done;
    });
    ASSERT_TRUE(report.finished);
    EXPECT_GT(last, 0);
    const std::vector<double> rates = logged("minutes", "learning_rate");
    ASSERT_FALSE(rates.empty());
    EXPECT_EQ(logged("minutes", "step").back(), static_cast<double>(report.steps)) << "the last part is logged too";
    EXPECT_EQ(ModelFile::open(report.model).card.recipe["minutes"], 0.02);
}

TEST_F(TrainerTest, AnInterruptedRunOfMinutesHasOnlyTheRestOfThemLeft) {
    set_libtorch_threads(1);
    Recipe recipe = faces_.recipe();
    recipe.minutes = 0.02;
    double before = 0;
    const auto stop_half_way = [&](const TrainProgress& at, std::stop_source& stop) {
        before = at.done;
        if (at.done > 0.5) stop.request_stop();
    };
    TrainerOptions options;
    if (run("rest", recipe, options, stop_half_way).finished) GTEST_SKIP() << "one step took half the time";
    options.resume = true;
    double first = 0;
    EXPECT_TRUE(run("rest", recipe, options, [&](const TrainProgress& at, std::stop_source&) {
                    if (first == 0) first = at.done;
                }).finished);
    EXPECT_GE(first, before);
}

TEST_F(TrainerTest, AnotherNumberOfThreadsCostsAWarning) {
    set_libtorch_threads(2);
    run("threads", false, 4);
    set_libtorch_threads(1);
    testing::internal::CaptureStderr();
    run("threads", true);
    const std::string warned = testing::internal::GetCapturedStderr();
    EXPECT_NE(warned.find("was made with 2 threads, now there are 1"), std::string::npos) << warned;
}

TEST_F(TrainerTest, WritesOneLogLineAnEpoch) {
    run("log");
    const std::string log = bytes("log/tiny.log.jsonl");
    EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), faces_.recipe().epochs);
    const Json line = Json::parse(log.substr(0, log.find('\n')));
    for (const char* key : {"epoch", "step", "loss", "learning_rate", "validation", "faces_per_s"})
        EXPECT_TRUE(line.contains(key)) << key;
}

TEST_F(TrainerTest, DoesNotOverwriteARunUnlessToldTo) {
    run("kept", false, 2);
    EXPECT_THROW(run("kept"), UsageError);
    TrainerOptions options;
    options.overwrite = true;
    const TrainReport again = run("kept", faces_.recipe(), options);
    EXPECT_TRUE(again.finished);
    const std::string model = bytes("kept/tiny.safetensors");
    for (const bool resume : {false, true}) {
        try {
            run("kept", resume);
            FAIL() << "a model was replaced unasked";
        } catch (const UsageError& error) {
            EXPECT_EQ(error.code(), "would_overwrite");
            EXPECT_NE(std::string(error.what()).find("kept/tiny.safetensors exists"), std::string::npos)
                << error.what();
        }
    }
    EXPECT_EQ(bytes("kept/tiny.safetensors"), model);
}

TEST_F(TrainerTest, TheModelCardTellsWhereTheModelComesFrom) {
    const ModelFile file = ModelFile::open(run("card").model);
    EXPECT_EQ(file.card.network, "small_net");
    EXPECT_EQ(file.card.labels, names_of(seven_emotions()));
    EXPECT_TRUE(file.card.heads.contains("expression") && file.card.heads.contains("fer2013"));
    EXPECT_EQ(file.card.recipe["name"], "tiny");
    EXPECT_TRUE(file.card.figures["temperature"].contains("expression"));
    EXPECT_EQ(file.card.recipe["task"]["options"]["network"]["options"]["squeeze"], 8)
        << "also what the recipe did not type";
    const Json& source = file.card.trained_on["sources"][0];
    EXPECT_EQ(source["listed"], 32);
    EXPECT_EQ(source["faces"].get<int>() + source["held_out"].get<int>(), 32);
    for (const char* key : {"skipped", "broken", "not_entered", "not_usable", "without_target"})
        EXPECT_EQ(source[key], 0) << key;
    EXPECT_EQ(file.card.recipe.dump().find(faces_.folder().parent_path().string() + "/"), std::string::npos)
        << "no folders of the trainer";
}

}  // namespace
}  // namespace affectsr
