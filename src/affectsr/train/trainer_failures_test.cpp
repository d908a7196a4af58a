// What a run refuses, and what it leaves behind when it is broken off.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <thread>

#include "affectsr/base/random.h"
#include "affectsr/base/test_folder.h"
#include "affectsr/learn/threads.h"
#include "affectsr/train/checkpoint.h"
#include "affectsr/train/test_trainer.h"

namespace affectsr {
namespace {

/// Whoever owns it; the folder of a test may be root's while the test acts as nobody.
void become_read_only(const std::filesystem::path& folder) {
    const uid_t acting = ::geteuid();
    const bool was_root = ::getuid() == 0 && ::seteuid(0) == 0;
    std::filesystem::permissions(folder, std::filesystem::perms(0555));
    if (was_root && ::seteuid(acting) != 0) std::abort();
}

class TrainerFailures : public TrainerTest {};

TEST_F(TrainerFailures, AnotherRecipeIsRefusedNamingWhatDiffers) {
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

TEST_F(TrainerFailures, OtherDataIsRefusedNamingWhatChanged) {
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

TEST_F(TrainerFailures, ACheckpointThatCannotBeWrittenEndsTheRunAndLeavesTheOldOne) {
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

TEST_F(TrainerFailures, AFolderThatGoesAwayMeanwhileEndsTheRunWithItsName) {
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

TEST_F(TrainerFailures, AFolderThatBecomesReadOnlyMeanwhileKeepsItsCheckpoint) {
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

TEST_F(TrainerFailures, AKilledRunIsGoneOnWithFromAWholeCheckpoint) {
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

}  // namespace
}  // namespace affectsr
