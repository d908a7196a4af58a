#include "affectsr/program/stop.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "affectsr/base/error.h"

namespace affectsr::cli {
namespace {

/// Waits until the token asks to stop; false after five minutes, which only a broken one takes.
bool stopped_soon(std::stop_token token) {
    std::mutex mutex;
    std::condition_variable_any asked;
    std::unique_lock lock(mutex);
    asked.wait_for(lock, token, std::chrono::minutes(5), [] { return false; });
    return token.stop_requested();
}

TEST(Stop, NothingIsAskedBeforeASignal) {
    const Stop stop;
    EXPECT_FALSE(stop.token().stop_requested());
    EXPECT_EQ(stop.exit_code(), 0);
    EXPECT_STREQ(stop.signal_name(), "");
}

TEST(Stop, InterruptAsksToStopAndGives130) {
    const Stop stop;
    raise(SIGINT);
    EXPECT_TRUE(stopped_soon(stop.token()));
    EXPECT_EQ(stop.exit_code(), 130);
    EXPECT_STREQ(stop.signal_name(), "SIGINT");
}

TEST(Stop, TerminateAsksToStopAndGives143) {
    const Stop stop;
    raise(SIGTERM);
    EXPECT_TRUE(stopped_soon(stop.token()));
    EXPECT_EQ(stop.exit_code(), 143);
    EXPECT_STREQ(stop.signal_name(), "SIGTERM");
}

TEST(Stop, SecondSignalEndsTheProcessAtOnce) {
    EXPECT_EXIT(
        {
            const Stop stop;
            raise(SIGINT);
            raise(SIGINT);
        },
        testing::ExitedWithCode(130), "");
}

TEST(Stop, AFreshOneHasForgottenTheSignalBefore) {
    {
        const Stop stop;
        raise(SIGINT);
        EXPECT_TRUE(stopped_soon(stop.token()));
    }
    const Stop stop;
    EXPECT_EQ(stop.exit_code(), 0);
    EXPECT_FALSE(stop.token().stop_requested());
}

TEST(Stop, TwoAtOnceAreABug) {
    const Stop stop;
    EXPECT_THROW(Stop(), Bug);
}

}  // namespace
}  // namespace affectsr::cli
