#include "affectsr/cli/hand_over.h"

#include <gtest/gtest.h>

#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

namespace fs = std::filesystem;

/// A copy of the program in a folder of its own, where no affectsr-train lies beside it.
void install_alone(const TemporaryFolder& folder) {
    fs::create_directories(folder / "bin");
    fs::copy_file(AFFECTSR_PROGRAM, folder / "bin/affectsr");
}

/// A program in the place of affectsr-train that tells the words and the input it was given.
void install_teller(const TemporaryFolder& folder, const std::string& place) {
    folder.fill(place, "#!/bin/sh\nfor word; do echo \"<$word>\"; done\ncat\necho told >&2\nexit 7\n");
    fs::permissions(folder / place, fs::perms::owner_all);
}

TEST(HandOver, OnlyTrainAndBenchAgainstLibTorchAreForTheTrainingProgram) {
    EXPECT_TRUE(is_for_training_program({"train", "--help"}));
    EXPECT_TRUE(is_for_training_program({"bench", "--runs", "3", "--against", "libtorch"}));
    EXPECT_TRUE(is_for_training_program({"bench", "--against=libtorch"}));
    EXPECT_TRUE(is_for_training_program({"bench", "--network", "rrdb", "--training"}));
    EXPECT_FALSE(is_for_training_program({}));
    EXPECT_FALSE(is_for_training_program({"bench", "--against", "nobody", "--output", "libtorch"}));
    EXPECT_FALSE(is_for_training_program({"analyze", "train", "--against", "libtorch"}));
    EXPECT_FALSE(is_for_training_program({"--help", "train"}));
}

TEST(HandOver, WordsStreamsAndExitCodePassUntouched) {
    const TemporaryFolder folder;
    install_alone(folder);
    install_teller(folder, "bin/affectsr-train");
    const Ran ran = run(folder, "echo input | bin/affectsr train 'a b' -- --threads '' '[x]' --nonsense");
    EXPECT_EQ(ran.exit_code, 7) << ran.err;
    EXPECT_EQ(ran.out, "<train>\n<a b>\n<-->\n<--threads>\n<>\n<[x]>\n<--nonsense>\ninput\n");
    EXPECT_EQ(ran.err, "told\n");
    EXPECT_EQ(run(folder, "bin/affectsr bench --against=libtorch </dev/null").out, "<bench>\n<--against=libtorch>\n");
    EXPECT_EQ(run(folder, "bin/affectsr train --help </dev/null").out, "<train>\n<--help>\n");
}

TEST(HandOver, SignalsReachTheTrainingProgram) {
    const TemporaryFolder folder;
    install_alone(folder);
    folder.fill("bin/affectsr-train",
                "#!/bin/sh\ntrap 'echo stopped; exit 143' TERM\ntouch ready\nwhile :; do :; done\n");
    fs::permissions(folder / "bin/affectsr-train", fs::perms::owner_all);
    const Ran ran =
        run(folder, "bin/affectsr train x.json & until [ -e ready ]; do sleep 0.01; done; kill -TERM $!; wait $!");
    EXPECT_EQ(ran.exit_code, 143) << ran.err;
    EXPECT_EQ(ran.out, "stopped\n");
}

TEST(HandOver, TheLibraryFolderIsLookedThroughAfterTheProgramsOwn) {
    const TemporaryFolder folder;
    install_alone(folder);
    install_teller(folder, fs::path("bin") / AFFECTSR_PROGRAMS_FROM_BIN / "affectsr-train");
    EXPECT_EQ(run(folder, "ln -s bin/affectsr here; ./here train </dev/null").out, "<train>\n") << "links are followed";
    folder.fill("bin/affectsr-train", "#!/bin/sh\necho beside\n");
    fs::permissions(folder / "bin/affectsr-train", fs::perms::owner_all);
    EXPECT_EQ(run(folder, "bin/affectsr train").out, "beside\n");
    fs::permissions(folder / "bin/affectsr-train", fs::perms::owner_read);
    EXPECT_EQ(run(folder, "bin/affectsr train </dev/null").out, "<train>\n") << "one that cannot be run is none";
}

TEST(HandOver, WhereItIsMissingTheMessageNamesWhatBringsIt) {
    const TemporaryFolder folder;
    install_alone(folder);
    for (const char* line : {"bin/affectsr train --help", "bin/affectsr bench --against libtorch"}) {
        const Ran ran = run(folder, line);
        EXPECT_EQ(ran.exit_code, 2) << line;
        EXPECT_EQ(ran.out, "") << line;
        for (const char* part :
             {"Debian package affectsr-train", "AFFECTSR_TRAIN=ON", "/bin/affectsr-train", "[no_training_program]"})
            EXPECT_NE(ran.err.find(part), std::string::npos) << line << "\n" << ran.err;
    }
    EXPECT_NE(run(folder, "bin/affectsr --help").out.find("\n  train "), std::string::npos);
    const Json found = Json::parse(run(folder, "bin/affectsr doctor --format json").out);
    EXPECT_EQ(found["training_program"], nullptr);
    EXPECT_NE(run(folder, "bin/affectsr doctor").out.find("affectsr-train"), std::string::npos);
}

TEST(HandOver, WhatCannotBeStartedIsNamed) {
    const TemporaryFolder folder;
    install_alone(folder);
    folder.fill("bin/affectsr-train", "no program");
    fs::permissions(folder / "bin/affectsr-train", fs::perms::owner_all);
    const Ran ran = run(folder, "bin/affectsr train x.json");
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_NE(ran.err.find("affectsr-train cannot be started: "), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace affectsr::cli
