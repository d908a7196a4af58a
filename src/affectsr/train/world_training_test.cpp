// Several processes that train together: the whole loop of trainer.h, with test_processes.h.
#include <gtest/gtest.h>

#include <cmath>
#include <csignal>

#include "affectsr/train/checkpoint.h"
#include "affectsr/train/task_catalog.h"
#include "affectsr/train/test_faces.h"
#include "affectsr/train/test_processes.h"
#include "affectsr/train/trainer.h"
#include "affectsr/train/world_backend.h"

namespace affectsr {
namespace {

/// What a process does before it prepares a batch.
using BeforeBatch = std::function<void(std::uint64_t step, int rank, std::stop_source& stop)>;

/// A source that lets a test act when a rank comes to a step.
class WatchedSource : public SampleSource {
 public:
    WatchedSource(const SampleSource& source, std::stop_source& stop, const BeforeBatch& before)
        : source_(source), stop_(stop), before_(before) {}
    std::uint64_t steps_per_epoch() const override { return source_.steps_per_epoch(); }
    Batch at(Position position, Share share) const override {
        if (before_) before_(position.epoch * steps_per_epoch() + position.step, share.rank, stop_);
        return source_.at(position, share);
    }
    std::int64_t held_out_count() const override { return source_.held_out_count(); }
    Batch held_out(std::int64_t first, std::int64_t count, int face_px) const override {
        return source_.held_out(first, count, face_px);
    }
    const Json& description() const override { return source_.description(); }

 private:
    const SampleSource& source_;
    std::stop_source& stop_;
    const BeforeBatch& before_;
};

class WorldTraining : public ::testing::Test {
 protected:
    WorldTraining() {
        recipe_ = faces_.recipe();
        recipe_.epochs = 3;
        option(recipe_, "/network/options/dropout") = 0;
    }
    void SetUp() override {
        if (world_backend().empty()) GTEST_SKIP() << "this build has no Gloo";
    }

    /// Trains the recipe in so many processes; each says "finished" or "stopped" and after which step.
    std::vector<ProcessEnd> train_in(int processes, const std::string& folder, bool resume = false,
                                     const BeforeBatch& before = {}) {
        return in_processes(places_of(processes), [&](const WorldPlace& place) -> std::string {
            const std::unique_ptr<World> world = make_world(place, {20, 300});
            TrainerOptions options;
            options.folder = faces_.folder() / folder;
            options.resume = resume;
            int told = 0;
            options.on_step = [&](const TrainProgress&) { ++told; };
            const std::unique_ptr<Task> task = make_task(recipe_, options.folder);
            const std::unique_ptr<SampleSource> source = task->open_data({});
            std::stop_source stop;
            const WatchedSource watched(*source, stop, before);
            const TrainReport report = train(recipe_, *task, watched, *world, options, stop.get_token());
            if ((told > 0) != (place.rank == 0)) throw Bug("progress is told by rank 0 alone");
            if (report.rank != place.rank) throw Bug("another rank");
            return (report.finished ? "finished " : "stopped ") + std::to_string(report.steps);
        });
    }
    void expect_all_finish(const std::vector<ProcessEnd>& ends) const {
        for (const ProcessEnd& end : ends) EXPECT_TRUE(end.said.starts_with("finished ")) << end.said;
    }
    Checkpoint checkpoint(const std::string& folder) const {
        return Checkpoint::open(faces_.folder() / folder / "tiny.checkpoint.safetensors");
    }
    /// Loss of every epoch.
    std::vector<double> losses(const std::string& folder) const {
        std::vector<double> values;
        std::ifstream log(faces_.folder() / folder / "tiny.log.jsonl");
        for (std::string line; std::getline(log, line);) values.push_back(Json::parse(line)["loss"].get<double>());
        return values;
    }
    /// How far the weights and statistics of two runs are apart, as a share of their size.
    static double difference(const Checkpoint& a, const Checkpoint& b) {
        double apart = 0, size = 0;
        for (const auto& [name, tensor] : a.state) {
            if (!name.starts_with("network.") || name.ends_with("num_batches_tracked")) continue;
            const auto one = tensor.floats(), two = b.state.at(name).floats();
            for (std::size_t i = 0; i < one.size(); ++i) {
                apart += std::pow(one[i] - two[i], 2);
                size += std::pow(one[i], 2);
            }
        }
        return std::sqrt(apart / size);
    }
    /// The same bits in everything that learns. LibTorch writes its optimisers with addresses of this process in them;
    /// what they keep shows in the weights.
    static void expect_same_state(const Checkpoint& a, const Checkpoint& b) {
        EXPECT_EQ(a.step, b.step);
        ASSERT_EQ(a.state.size(), b.state.size());
        for (const auto& [name, tensor] : a.state) {
            if (name == "optimiser") continue;
            EXPECT_TRUE(std::ranges::equal(tensor.bytes(), b.state.at(name).bytes())) << name;
        }
    }

    TestFaces faces_;
    Recipe recipe_;
};

/// Processes learn as one does, and the log tells of the whole batch.
void expect_as_one(double apart, const std::vector<double>& one, const std::vector<double>& several) {
    EXPECT_LT(apart, 1e-4);
    ASSERT_EQ(one.size(), several.size());
    for (std::size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(several[i], one[i], 1e-4 * one[i]) << "epoch " << i + 1;
}

TEST_F(WorldTraining, TwoProcessesLearnWhatOneLearnsWithBatchNorms) {
    expect_all_finish(train_in(1, "one"));
    expect_all_finish(train_in(2, "two"));
    expect_as_one(difference(checkpoint("one"), checkpoint("two")), losses("one"), losses("two"));
    EXPECT_EQ(checkpoint("two").processes, 2);
}

TEST_F(WorldTraining, TwoProcessesLearnWhatOneLearnsByMixedFacesAndAnAverage) {
    recipe_.task.options["mix"] = 0.4;
    option(recipe_, "/learning/optimiser/averaging") = 0.9;
    expect_all_finish(train_in(1, "one"));
    expect_all_finish(train_in(2, "two"));
    expect_as_one(difference(checkpoint("one"), checkpoint("two")), losses("one"), losses("two"));
}

TEST_F(WorldTraining, FourProcessesLearnWhatOneLearnsWithoutBatchNorms) {
    recipe_.task = {"super_resolution",
                    {{"network", {{"name", "edsr"}, {"options", {{"scale", 2}, {"features", 8}, {"blocks", 1}}}}},
                     {"hr_px", 16},
                     {"learning", {{"optimiser", {{"name", "sgd"}}}, {"schedule", {{"peak", 1e-2}, {"warm_up", 0}}}}}}};
    expect_all_finish(train_in(1, "one"));
    expect_all_finish(train_in(4, "four"));
    expect_as_one(difference(checkpoint("one"), checkpoint("four")), losses("one"), losses("four"));
}

TEST_F(WorldTraining, ARunWhoseProcessesAreKilledGoesOnToTheSameBits) {
    option(recipe_, "/network/options/dropout") = 0.2;
    expect_all_finish(train_in(2, "whole"));
    const std::uint64_t epoch = checkpoint("whole").step / 3;
    for (const int victim : {0, 1, 2}) {  // 2: both
        const std::string folder = "killed" + std::to_string(victim);
        const auto ends = train_in(2, folder, false, [&](std::uint64_t step, int rank, std::stop_source&) {
            if (step == 2 * epoch + 1 && (rank == victim || victim == 2)) std::raise(SIGKILL);
        });
        for (int rank = 0; rank < 2; ++rank) {
            const ProcessEnd& end = ends[static_cast<std::size_t>(rank)];
            EXPECT_EQ(end.exit_code, rank == victim || victim == 2 ? 128 + SIGKILL : 5) << end.said;
            if (end.exit_code == 5) {
                EXPECT_TRUE(end.said.starts_with("rank_lost: rank " + std::to_string(victim) + " (on ")) << end.said;
            }
        }
        EXPECT_GE(checkpoint(folder).step, epoch) << "of the first epoch at least";
        expect_all_finish(train_in(2, folder, true));
        expect_same_state(checkpoint(folder), checkpoint("whole"));
        EXPECT_EQ(losses(folder), losses("whole"));
    }
}

TEST_F(WorldTraining, AStopOfOneProcessStopsAllWithACheckpoint) {
    expect_all_finish(train_in(2, "whole"));
    const auto ends = train_in(2, "stopped", false, [](std::uint64_t step, int rank, std::stop_source& stop) {
        if (step == 4 && rank == 1) stop.request_stop();
    });
    for (const ProcessEnd& end : ends) EXPECT_EQ(end.said, "stopped " + std::to_string(checkpoint("stopped").step));
    EXPECT_LT(checkpoint("stopped").step, checkpoint("whole").step);
    expect_all_finish(train_in(2, "stopped", true));
    expect_same_state(checkpoint("stopped"), checkpoint("whole"));
}

TEST_F(WorldTraining, ProcessesThatSeeOtherCheckpointsAreRefusedByRank) {
    train_in(2, "shared0", false, [](std::uint64_t step, int, std::stop_source& stop) {
        if (step == 4) stop.request_stop();
    });
    const std::string step = std::to_string(checkpoint("shared0").step);
    const auto ends = in_processes(places_of(2), [&](const WorldPlace& place) -> std::string {
        const std::unique_ptr<World> world = make_world(place, {});
        TrainerOptions options;
        options.folder = faces_.folder() / ("shared" + std::to_string(place.rank));
        options.resume = true;
        const std::unique_ptr<Task> task = make_task(recipe_, options.folder);
        train(recipe_, *task, *task->open_data({}), *world, options);
        return "trained";
    });
    for (const ProcessEnd& end : ends) {
        EXPECT_EQ(end.exit_code, 2);
        EXPECT_TRUE(end.said.starts_with("other_checkpoint: rank 0 goes on from step " + step +
                                         ", rank 1 goes on from step 0; "))
            << end.said;
    }
}

TEST_F(WorldTraining, ProcessesWithAnotherRecipeAreRefusedByRank) {
    const auto ends = in_processes(places_of(2), [&](const WorldPlace& place) -> std::string {
        const std::unique_ptr<World> world = make_world(place, {});
        Recipe own = recipe_;
        own.seed = static_cast<std::uint64_t>(1 + place.rank);
        TrainerOptions options;
        options.folder = faces_.folder() / "recipes";
        const std::unique_ptr<Task> task = make_task(own, options.folder);
        train(own, *task, *task->open_data({}), *world, options);
        return "trained";
    });
    for (const ProcessEnd& end : ends) {
        EXPECT_EQ(end.exit_code, 2);
        EXPECT_TRUE(end.said.starts_with("other_data: rank 0 has recipe and data no. ")) << end.said;
    }
    EXPECT_FALSE(std::filesystem::exists(faces_.folder() / "recipes/tiny.log.jsonl"));
}

}  // namespace
}  // namespace affectsr
