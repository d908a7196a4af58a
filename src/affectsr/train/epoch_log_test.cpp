#include "affectsr/train/epoch_log.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"

namespace affectsr {
namespace {

TEST(EpochLog, ANewRunBeginsANewLogAndKeepsTheOld) {
    const TemporaryFolder folder;
    for (const int run : {1, 2, 3}) {
        EpochLog log(folder / "x.log.jsonl");
        testing::internal::CaptureStderr();
        log.begin();
        EXPECT_EQ(testing::internal::GetCapturedStderr().find("kept as") != std::string::npos, run > 1);
        log.add({{"run", run}});
    }
    EXPECT_EQ(content_of(folder / "x.log.jsonl"), "{\"run\":3}\n");
    EXPECT_EQ(content_of(folder / "x.log.1.jsonl"), "{\"run\":1}\n");
    EXPECT_EQ(content_of(folder / "x.log.2.jsonl"), "{\"run\":2}\n");
}

TEST(EpochLog, WhatCameAfterTheCheckpointIsCutAway) {
    const TemporaryFolder folder;
    EpochLog log(folder / "x.log.jsonl");
    log.begin();
    log.add({{"epoch", 1}});
    const std::int64_t bytes = log.bytes();
    log.add({{"epoch", 2}});
    EpochLog resumed(folder / "x.log.jsonl");
    resumed.go_on(bytes);
    EXPECT_EQ(content_of(folder / "x.log.jsonl"), "{\"epoch\":1}\n");
    resumed.add({{"epoch", 2}});
    EXPECT_EQ(content_of(folder / "x.log.jsonl"), "{\"epoch\":1}\n{\"epoch\":2}\n");
}

TEST(EpochLog, AShortenedLogIsGoneOnWithAndSaidSo) {
    const TemporaryFolder folder;
    EpochLog log(folder / "x.log.jsonl");
    testing::internal::CaptureStderr();
    log.go_on(500);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("is shorter than the checkpoint says"), std::string::npos);
    log.add({{"epoch", 9}});
    EXPECT_EQ(log.bytes(), 12);
}

TEST(EpochLog, ALineThatDoesNotFitLeavesNothingBehind) {
    const TemporaryFolder folder;
    EpochLog log(folder / "x.log.jsonl");
    log.begin();
    log.add({{"epoch", 1}});
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit was = {};
    ::getrlimit(RLIMIT_FSIZE, &was);
    const rlimit small = {20, was.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    std::string what;
    try {
        log.add({{"epoch", 2}});
    } catch (const ResourceError& error) {
        what = error.what();
    }
    ::setrlimit(RLIMIT_FSIZE, &was);
    std::signal(SIGXFSZ, handler);
    EXPECT_NE(what.find("x.log.jsonl: the training log cannot be written"), std::string::npos) << what;
    EXPECT_EQ(content_of(folder / "x.log.jsonl"), "{\"epoch\":1}\n");
}

}  // namespace
}  // namespace affectsr
