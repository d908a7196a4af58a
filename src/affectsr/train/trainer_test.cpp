#include "affectsr/train/trainer.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>
#include <numeric>
#include <sstream>
#include <thread>

#include "affectsr/base/random.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/data/test_folder.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/learn/threads.h"
#include "affectsr/train/checkpoint.h"
#include "affectsr/train/task_catalog.h"
#include "affectsr/train/test_faces.h"

namespace affectsr {
namespace {

/// Whoever owns it; the folder of a test may be root's while the test acts as nobody.
void become_read_only(const std::filesystem::path& folder) {
    const uid_t acting = ::geteuid();
    const bool was_root = ::getuid() == 0 && ::seteuid(0) == 0;
    std::filesystem::permissions(folder, std::filesystem::perms(0555));
    if (was_root && ::seteuid(acting) != 0) std::abort();
}

class TrainerTest : public ::testing::Test {
 protected:
    /// Trains the recipe; `stop_after` steps a stop is requested.
    TrainReport run(const std::string& folder, bool resume = false, std::uint64_t stop_after = 0) {
        TrainerOptions options;
        options.resume = resume;
        return run(folder, faces_.recipe(), options, [&, stop_after](const TrainProgress& at, std::stop_source& stop) {
            losses_.push_back(at.loss);
            if (at.step == stop_after) stop.request_stop();
        });
    }
    TrainReport run(const std::string& folder, const Recipe& recipe, TrainerOptions options,
                    const std::function<void(const TrainProgress&, std::stop_source&)>& on_step = {}) {
        const std::unique_ptr<Task> task = make_task(recipe, faces_.folder() / folder);
        const std::unique_ptr<SampleSource> source = task->open_data({});
        std::stop_source stop;
        options.folder = faces_.folder() / folder;
        if (on_step) options.on_step = [&](const TrainProgress& at) { on_step(at, stop); };
        return train(recipe, *task, *source, Alone{}, options, stop.get_token());
    }
    /// "code: message" of the refusal to go on in `folder` with `recipe`.
    std::string refusal_to_resume(const std::string& folder, const Recipe& recipe) {
        TrainerOptions options;
        options.resume = true;
        try {
            run(folder, recipe, options);
        } catch (const Error& error) {
            return error.code() + ": " + error.what();
        }
        return "it went on";
    }
    /// What each log line says of `key`.
    std::vector<double> logged(const std::string& folder, const char* key) const {
        std::vector<double> values;
        std::istringstream log(bytes(folder + "/tiny.log.jsonl"));
        for (std::string line; std::getline(log, line);) values.push_back(Json::parse(line)[key].get<double>());
        return values;
    }
    void expect_equal_weights(const std::filesystem::path& a, const std::filesystem::path& b) const {
        const TensorMap one = ModelFile::open(a).tensors, two = ModelFile::open(b).tensors;
        ASSERT_EQ(one.size(), two.size());
        for (const auto& [name, tensor] : one)
            EXPECT_TRUE(std::ranges::equal(tensor.bytes(), two.at(name).bytes())) << name;
    }
    std::string bytes(const std::string& name) const {
        std::ifstream file(faces_.folder() / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    TestFaces faces_;
    std::vector<double> losses_;
};

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

TEST_F(TrainerTest, AnotherRecipeIsRefusedNamingWhatDiffers) {
    run("recipe", false, 7);
    Recipe other = faces_.recipe();
    other.epochs = 24;
    other.seed = 9;
    std::string what = refusal_to_resume("recipe", other);
    EXPECT_TRUE(what.starts_with("other_recipe: ")) << what;
    for (const char* part : {"tiny.checkpoint.safetensors was made by another recipe", "epochs: 12, now 24",
                             "seed: 1, now 9", "--overwrite"})
        EXPECT_NE(what.find(part), std::string::npos) << what;
    other = faces_.recipe();
    option(other, "/network/options/widths") = {8, 24};
    what = refusal_to_resume("recipe", other);
    EXPECT_NE(what.find("task.options.network.options.widths: [8,16], now [8,24]"), std::string::npos) << what;
    other = faces_.recipe();
    option(other, "/network/options/dropout") = 0.2;  // what it is anyway
    EXPECT_EQ(refusal_to_resume("recipe", other), "it went on");
}

TEST_F(TrainerTest, OtherDataIsRefusedNamingWhatChanged) {
    run("data", false, 7);
    const std::string list = bytes("manifest.csv"), checkpoint = bytes("data/tiny.checkpoint.safetensors");
    const auto with_list = [&](const std::string& text) {
        std::ofstream(faces_.folder() / "manifest.csv") << text;
        return refusal_to_resume("data", faces_.recipe());
    };
    const auto expect_refused = [](const std::string& what, const char* part) {
        EXPECT_TRUE(what.starts_with("other_data: ")) << what;
        EXPECT_NE(what.find("was made from other data"), std::string::npos) << what;
        EXPECT_NE(what.find(part), std::string::npos) << what;
    };
    std::string changed = list;
    changed.replace(changed.find("1.png,happiness"), 15, "1.png,fear");
    expect_refused(with_list(changed), "labels_sha256: ");
    expect_refused(with_list(list.substr(0, list.find("faces/31.png"))), "listed: 32, now 31");
    expect_refused(with_list(list + "faces/31.png,anger,train\n"), "rows: 32, now 33");
    std::ofstream(faces_.folder() / "manifest.csv") << list;
    write_image(faces_.folder() / "faces/5.png", Image(16, 16, 77));
    expect_refused(refusal_to_resume("data", faces_.recipe()), "pictures_sha256: ");
    EXPECT_EQ(bytes("data/tiny.checkpoint.safetensors"), checkpoint);
}

TEST_F(TrainerTest, ACheckpointThatCannotBeWrittenEndsTheRunAndLeavesTheOldOne) {
    run("full", false, 7);
    const std::string before = bytes("full/tiny.checkpoint.safetensors");
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit was = {};
    ::getrlimit(RLIMIT_FSIZE, &was);
    const rlimit small = {before.size() / 2, was.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const std::string what = refusal_to_resume("full", faces_.recipe());
    ::setrlimit(RLIMIT_FSIZE, &was);
    std::signal(SIGXFSZ, handler);
    EXPECT_TRUE(what.starts_with("cannot_write: ")) << what;
    EXPECT_NE(what.find("full/tiny.checkpoint.safetensors"), std::string::npos) << what;
    EXPECT_EQ(bytes("full/tiny.checkpoint.safetensors"), before);
    EXPECT_EQ(refusal_to_resume("full", faces_.recipe()), "it went on");
}

TEST_F(TrainerTest, AFolderThatGoesAwayMeanwhileEndsTheRunWithItsName) {
    TrainerOptions options;
    options.folder = faces_.folder() / "gone";
    std::string what;
    try {
        run("gone", faces_.recipe(), options, [&](const TrainProgress& at, std::stop_source& stop) {
            if (at.step == 2) std::filesystem::remove_all(options.folder), stop.request_stop();
        });
    } catch (const ResourceError& error) {
        what = error.what();
    }
    EXPECT_NE(what.find("gone/tiny.checkpoint.safetensors"), std::string::npos) << what;
}

TEST_F(TrainerTest, AFolderThatBecomesReadOnlyMeanwhileKeepsItsCheckpoint) {
    const std::filesystem::path folder = faces_.folder() / "readonly";
    std::filesystem::create_directories(folder);
    std::filesystem::permissions(folder, std::filesystem::perms(0777));
    std::string what, before;
    {
        const AsNobody nobody;
        run("readonly", false, 5);
        TrainerOptions options;
        options.resume = true;
        try {
            run("readonly", faces_.recipe(), options, [&](const TrainProgress& at, std::stop_source& stop) {
                if (at.step < 7) return;
                stop.request_stop();
                before = bytes("readonly/tiny.checkpoint.safetensors");  // of the epoch that ended with step 6
                become_read_only(folder);
            });
        } catch (const ResourceError& error) {
            what = error.what();
        }
    }
    EXPECT_NE(what.find("readonly/tiny.checkpoint.safetensors"), std::string::npos) << what;
    EXPECT_TRUE(bytes("readonly/tiny.checkpoint.safetensors") == before);
    EXPECT_EQ(Checkpoint::open(folder / "tiny.checkpoint.safetensors").step, 6u);
}

/// Kills a child that trains, at a moment that `spins` decides, after it told of its step `step`; two steps later it
/// waits for that, however slow the killer is. The signal that ended it; 0: it ended by itself.
int kill_in_training(const std::function<void(const std::function<void(std::uint64_t)>&)>& training, std::uint64_t step,
                     std::uint64_t spins) {
    int pipe_ends[2];
    if (::pipe(pipe_ends) != 0) return -1;
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(pipe_ends[0]);
        try {
            training([&](std::uint64_t at) {
                if (at >= step && ::write(pipe_ends[1], "x", 1) != 1) ::_exit(2);
                while (at >= step + 2) ::pause();
            });
        } catch (const std::exception& error) {
            std::fprintf(stderr, "the child failed: %s\n", error.what());
            ::_exit(1);
        }
        ::_exit(0);
    }
    ::close(pipe_ends[1]);
    char byte = 0;
    const bool told = ::read(pipe_ends[0], &byte, 1) == 1;
    for (std::uint64_t i = 0; told && i < spins; ++i) std::this_thread::yield();
    ::kill(child, SIGKILL);
    ::close(pipe_ends[0]);  // only now: a child that writes to nobody would die of that
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST_F(TrainerTest, AKilledRunIsGoneOnWithFromAWholeCheckpoint) {
    set_libtorch_threads(1);
    const TrainReport whole = run("whole");
    const std::string folder = "killed";
    TrainerOptions options;
    options.resume = options.overwrite = true;
    options.checkpoint_every_s = 0;  // after every step, so that many kills meet a checkpoint that is being written
    int killed = 0;
    SplitMix64 random(1);
    for (std::uint64_t step = 1; step <= whole.steps; step += 2) {
        const std::uint64_t spins = random.next() % 20'000;
        killed += kill_in_training(
                      [&](const std::function<void(std::uint64_t)>& tell) {
                          run(folder, faces_.recipe(), options,
                              [&](const TrainProgress& at, std::stop_source&) { tell(at.step); });
                      },
                      step, spins) == SIGKILL;
        const CheckpointFiles files(faces_.folder() / folder, "tiny");
        if (files.exist()) {
            EXPECT_NO_THROW(files.open_newest()) << "killed at step " << step << " + " << spins;
        }
    }
    EXPECT_GE(killed, static_cast<int>(whole.steps / 2) - 1) << "only the last may have ended by itself";
    const TrainReport resumed = run(folder, faces_.recipe(), options);
    ASSERT_TRUE(resumed.finished);
    expect_equal_weights(whole.model, resumed.model);
    EXPECT_EQ(logged(folder, "epoch"), logged("whole", "epoch")) << "every epoch stands once";
    EXPECT_EQ(logged(folder, "loss"), logged("whole", "loss"));
    for (const auto& entry : std::filesystem::directory_iterator(faces_.folder() / folder))
        EXPECT_FALSE(entry.path().filename().string().starts_with(".affectsr-")) << entry.path();
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
