#include "affectsr/program/progress.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

namespace affectsr::cli {
namespace {

TEST(Progress, ClockShowsHoursOnlyWhereThereAreSome) {
    EXPECT_EQ(clock_text(0), "0:00");
    EXPECT_EQ(clock_text(42.4), "0:42");
    EXPECT_EQ(clock_text(59.6), "1:00");
    EXPECT_EQ(clock_text(725), "12:05");
    EXPECT_EQ(clock_text(11229), "3:07:09");
}

TEST(Progress, ClockHasNoNumberForTimesThatAreNone) {
    EXPECT_EQ(clock_text(-1), "–");
    EXPECT_EQ(clock_text(std::nan("")), "–");
    EXPECT_EQ(clock_text(std::numeric_limits<double>::infinity()), "–");
}

TEST(Progress, LineShowsShareSpeedAndTimeLeft) {
    const std::string line = progress_line({"analyze", 25, 100, 0, 5, "2 failed"}, 80);
    EXPECT_EQ(line, "analyze 25/100 [########..........................]  2 failed  5.00/s  ETA 0:15");
}

TEST(Progress, WhatAnEarlierRunDidDoesNotCountForTheSpeed) {
    const std::string line = progress_line({"analyze", 60, 100, 50, 5, ""}, 80);
    EXPECT_NE(line.find("2.00/s"), std::string::npos) << line;
    EXPECT_NE(line.find("ETA 0:20"), std::string::npos) << line;
}

TEST(Progress, LineNeverLeavesItsWidth) {
    for (int width = 1; width < 60; ++width)
        EXPECT_LE(progress_line({"analyze", 25, 100, 0, 5, "2 failed"}, width).size(), static_cast<std::size_t>(width));
}

TEST(Progress, WithoutATotalThereIsNoBarAndNoEta) {
    EXPECT_EQ(progress_line({"read", 25, 0, 0, 5, ""}, 80), "read 25  5.00/s");
}

TEST(Progress, BeforeTheFirstUnitThereIsNoSpeed) {
    const std::string line = progress_line({"analyze", 0, 100, 0, 0, ""}, 30);
    EXPECT_EQ(line.find("ETA"), std::string::npos) << line;
    EXPECT_EQ(line.find("/s"), std::string::npos) << line;
}

TEST(Progress, NoColorAndDumbTerminalsGetNoBar) {
    setenv("NO_COLOR", "1", 1);
    EXPECT_FALSE(stderr_is_lively());
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    EXPECT_FALSE(stderr_is_lively());
}

}  // namespace
}  // namespace affectsr::cli
