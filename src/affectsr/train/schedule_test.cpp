#include "affectsr/train/schedule.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

TEST(Schedule, TheLearningRateRisesOnceAndFallsToItsEnd) {
    const ScheduleOptions s{.peak = 0.2, .warm_up = 0.25, .first = 0.1, .last = 0.01};
    EXPECT_DOUBLE_EQ(learning_rate(s, 0), 0.02);
    EXPECT_DOUBLE_EQ(learning_rate(s, 0.25), 0.2);
    EXPECT_NEAR(learning_rate(s, 1), 0.002, 1e-12);
    for (double done = 0.25; done < 1; done += 0.01)
        EXPECT_GT(learning_rate(s, done), learning_rate(s, done + 0.01)) << done;
}

TEST(Schedule, BeyondTheEndItStaysAtTheEnd) {
    const ScheduleOptions s;
    EXPECT_DOUBLE_EQ(learning_rate(s, 1.5), learning_rate(s, 1));
}

TEST(Schedule, StepsDownWhereItIsToldTo) {
    const ScheduleOptions s{.peak = 0.2, .warm_up = 0, .halve_at = {0.25, 0.5}};
    EXPECT_DOUBLE_EQ(learning_rate(s, 0.2), 0.2);
    EXPECT_DOUBLE_EQ(learning_rate(s, 0.25), 0.1);
    EXPECT_DOUBLE_EQ(learning_rate(s, 1), 0.05);
}

TEST(Schedule, WithoutWarmUpItStartsAtThePeak) {
    EXPECT_DOUBLE_EQ(learning_rate({.peak = 0.2, .warm_up = 0}, 0), 0.2);
}

}  // namespace
}  // namespace affectsr
