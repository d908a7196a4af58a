#include "affectsr/base/log.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace affectsr {
namespace {

std::string logged_at(LogLevel limit, LogLevel level, std::string_view message) {
    testing::internal::CaptureStderr();
    set_log_level(limit);
    log(level, message);
    set_log_level(LogLevel::warning);
    return testing::internal::GetCapturedStderr();
}

TEST(Log, ALineSaysTheProgramTheLevelAndTheMessage) {
    EXPECT_EQ(logged_at(LogLevel::warning, LogLevel::warning, "row 7: no such file"),
              "affectsr: warning: row 7: no such file\n");
    EXPECT_EQ(logged_at(LogLevel::debug, LogLevel::info, "3 faces"), "affectsr: 3 faces\n");
}

TEST(Log, LinesAboveTheLevelAreDropped) {
    EXPECT_EQ(logged_at(LogLevel::warning, LogLevel::info, "x"), "");
    EXPECT_EQ(logged_at(LogLevel::error, LogLevel::warning, "x"), "");
    EXPECT_EQ(logged_at(LogLevel::quiet, LogLevel::error, "x"), "");
    EXPECT_EQ(logged_at(LogLevel::info, LogLevel::error, "x"), "affectsr: error: x\n");
}

TEST(Log, AFileNameCannotForgeALineOrSteerATerminal) {
    EXPECT_EQ(logged_at(LogLevel::error, LogLevel::error, "a\naffectsr: error: b\x1b[2J\t\x7f.jpg"),
              "affectsr: error: a affectsr: error: b?[2J??.jpg\n");
}

TEST(Log, LettersBeyondAsciiPass) {
    EXPECT_EQ(logged_at(LogLevel::error, LogLevel::error, "Gesicht größer"), "affectsr: error: Gesicht größer\n");
}

TEST(Log, LinesOfSeveralThreadsNeverMix) {
    testing::internal::CaptureStderr();
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([] {
                for (int i = 0; i < 50; ++i) log(LogLevel::error, "0123456789012345678901234567890123456789");
            });
        }
    }
    std::string all;
    for (int i = 0; i < 200; ++i) all += "affectsr: error: 0123456789012345678901234567890123456789\n";
    EXPECT_EQ(testing::internal::GetCapturedStderr(), all);
}

}  // namespace
}  // namespace affectsr
