#include "affectsr/train/checkpoint.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

Checkpoint at_step(std::uint64_t step, std::size_t values = 3) {
    Checkpoint checkpoint;
    checkpoint.recipe = {{"name", "x"}};
    checkpoint.data = {{{"faces", 24}}};
    checkpoint.step = step;
    checkpoint.epoch_sums["loss"] = 0.1 + 0.2;  // has no short form
    checkpoint.log_bytes = 77;
    checkpoint.threads = 2;
    checkpoint.validation = {{"accuracy", 0.5}};
    checkpoint.seconds = 12.5;
    checkpoint.state["w"] =
        HostTensor::from_floats(std::vector<float>(values, static_cast<float>(step)), {static_cast<long>(values)});
    return checkpoint;
}

void damage(const fs::path& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-5, std::ios::end);
    file.put('!');
}

TEST(Checkpoint, ComesBackWhole) {
    const TemporaryFolder folder;
    const Checkpoint saved = at_step(42);
    saved.save(folder / "c");
    const Checkpoint opened = Checkpoint::open(folder / "c");
    EXPECT_EQ(opened.recipe, saved.recipe);
    EXPECT_EQ(opened.data, saved.data);
    EXPECT_EQ(opened.step, 42u);
    EXPECT_EQ(opened.epoch_sums, saved.epoch_sums) << "to the last bit";
    EXPECT_EQ(opened.log_bytes, 77);
    EXPECT_EQ(opened.threads, 2);
    EXPECT_EQ(opened.validation, saved.validation);
    EXPECT_EQ(opened.seconds, 12.5);
    EXPECT_EQ(opened.state.at("w").floats(), (std::vector<float>{42, 42, 42}));
}

TEST(Checkpoint, ADamagedOneIsRefused) {
    const TemporaryFolder folder;
    at_step(1, 64).save(folder / "c");
    damage(folder / "c");
    EXPECT_THROW(Checkpoint::open(folder / "c"), ModelError);
}

TEST(Checkpoint, AModelIsNotACheckpoint) {
    const TemporaryFolder folder;
    ModelFile model;
    model.card.network = "small_net";
    model.save(folder / "c");
    EXPECT_THROW(Checkpoint::open(folder / "c"), ModelError);
    model.card.network = "checkpoint";
    model.card.figures = {{"step", 3}, {"seconds", 1.0}, {"validation", nullptr}};
    model.save(folder / "c");
    try {
        Checkpoint::open(folder / "c");
        FAIL() << "it does not know its data";
    } catch (const ModelError& error) {
        EXPECT_EQ(error.code(), "old_checkpoint");
    }
    model.card.trained_on = {{"sources", Json::array()}};
    model.card.figures["log_bytes"] = "many";
    model.save(folder / "c");
    EXPECT_THROW(Checkpoint::open(folder / "c"), ModelError);
}

TEST(Checkpoint, TheTwoNewestAreKept) {
    const TemporaryFolder folder;
    const CheckpointFiles files(folder.path(), "x");
    EXPECT_FALSE(files.exist());
    EXPECT_FALSE(files.open_newest());
    for (const std::uint64_t step : {1, 2, 3}) files.save(at_step(step));
    EXPECT_EQ(files.open_newest()->checkpoint.step, 3u);
    EXPECT_EQ(files.open_newest()->file, folder / "x.checkpoint.safetensors");
    EXPECT_EQ(Checkpoint::open(folder / "x.checkpoint.previous.safetensors").step, 2u);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 2);
    files.remove();
    EXPECT_FALSE(files.exist());
}

TEST(Checkpoint, ADamagedNewestIsPassedByWithAWarning) {
    const TemporaryFolder folder;
    const CheckpointFiles files(folder.path(), "x");
    for (const std::uint64_t step : {1, 2}) files.save(at_step(step, 64));
    damage(files.newest());
    testing::internal::CaptureStderr();
    EXPECT_EQ(files.open_newest()->checkpoint.step, 1u);
    const std::string warned = testing::internal::GetCapturedStderr();
    EXPECT_NE(warned.find("x.checkpoint.safetensors: "), std::string::npos) << warned;
    EXPECT_NE(warned.find("going on from " + (folder / "x.checkpoint.previous.safetensors").string()),
              std::string::npos)
        << warned;
    damage(folder / "x.checkpoint.previous.safetensors");
    EXPECT_THROW(files.open_newest(), ModelError) << "the damage is not hidden";
}

TEST(Checkpoint, AKillBetweenTheRenamesLosesNothing) {
    const TemporaryFolder folder;
    const CheckpointFiles files(folder.path(), "x");
    for (const std::uint64_t step : {1, 2}) files.save(at_step(step));
    at_step(3).save(folder / "x.checkpoint.safetensors.next");  // killed before the first rename
    EXPECT_EQ(files.open_newest()->checkpoint.step, 3u);
    fs::rename(files.newest(), folder / "x.checkpoint.previous.safetensors");  // and before the second
    EXPECT_EQ(files.open_newest()->checkpoint.step, 3u);
    files.save(at_step(4));
    EXPECT_EQ(files.open_newest()->checkpoint.step, 4u);
    EXPECT_EQ(Checkpoint::open(folder / "x.checkpoint.previous.safetensors").step, 2u);
}

TEST(Checkpoint, AFullDiskLeavesTheOldOneAndNamesTheFile) {
    const TemporaryFolder folder;
    const CheckpointFiles files(folder.path(), "x");
    files.save(at_step(1));
    const std::string before = content_of(files.newest());
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit was = {};
    ::getrlimit(RLIMIT_FSIZE, &was);
    const rlimit small = {64 << 10, was.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    std::string what;
    try {
        files.save(at_step(2, 100'000));
    } catch (const ResourceError& error) {
        what = error.what();
    }
    ::setrlimit(RLIMIT_FSIZE, &was);
    std::signal(SIGXFSZ, handler);
    EXPECT_NE(what.find("x.checkpoint.safetensors"), std::string::npos) << what;
    EXPECT_EQ(content_of(files.newest()), before);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1) << "nothing else is left";
    EXPECT_EQ(files.open_newest()->checkpoint.step, 1u);
}

TEST(Checkpoint, LeftoversOfTheDeadAreRemovedAndThoseOfTheLivingAreNot) {
    const TemporaryFolder folder;
    const std::string own = ".affectsr-" + std::to_string(::getpid()) + "-0.tmp", living = ".affectsr-1-0.tmp",
                      dead = ".affectsr-4194400-3.tmp";  // above every process number of Linux
    for (const std::string& name : {own, living, dead, std::string(".affectsr-x.tmp"), std::string("a.tmp")})
        folder.fill(name, "half");
    remove_leftovers(folder.path());
    EXPECT_TRUE(fs::exists(folder / own)) << "another thread may be writing it";
    fs::last_write_time(folder / own, fs::file_time_type::clock::now() - std::chrono::hours(24));
    remove_leftovers(folder.path());
    EXPECT_FALSE(fs::exists(folder / own)) << "an earlier process had this number";
    EXPECT_FALSE(fs::exists(folder / dead));
    EXPECT_TRUE(fs::exists(folder / living));
    EXPECT_TRUE(fs::exists(folder / "a.tmp"));
    EXPECT_TRUE(fs::exists(folder / ".affectsr-x.tmp"));
}

}  // namespace
}  // namespace affectsr
