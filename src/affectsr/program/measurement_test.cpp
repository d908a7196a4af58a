#include "affectsr/program/measurement.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"

namespace affectsr::cli {
namespace {

TEST(Measurement, TheReportIsWrittenWhole) {
    const TemporaryFolder folder;
    const Stop stop;
    MeasurementSettings settings;
    settings.output = folder / "speed.txt";
    const int code = run_measurement("bench", settings, {stop, ""}, [](const MeasurementProgress& progress) {
        progress(1, 2, "something");
        return Measured{"7 ms\n", false};
    });
    EXPECT_EQ(code, 0);
    EXPECT_EQ(content_of(folder / "speed.txt"), "7 ms\n");
}

TEST(Measurement, WhatIsInTheWayIsToldBeforeAnythingIsMeasured) {
    const TemporaryFolder folder;
    const Stop stop;
    MeasurementSettings settings;
    settings.output = folder.fill("speed.txt", "old");
    bool measured = false;
    const auto measure = [&](const MeasurementProgress&) {
        measured = true;
        return Measured{"new", false};
    };
    EXPECT_THROW(run_measurement("bench", settings, {stop, ""}, measure), UsageError);
    EXPECT_FALSE(measured);
    settings.overwrite = true;
    run_measurement("bench", settings, {stop, ""}, measure);
    EXPECT_EQ(content_of(folder / "speed.txt"), "new");
}

TEST(Measurement, AStoppedOneLeavesTheOldReportAndEndsWithTheSignalsCode) {
    const TemporaryFolder folder;
    const Stop stop;
    MeasurementSettings settings;
    settings.output = folder.fill("speed.txt", "old");
    settings.overwrite = true;
    const int code = run_measurement("bench", settings, {stop, ""}, [](const MeasurementProgress&) {
        raise(SIGINT);
        return Measured{"part", true};
    });
    EXPECT_EQ(code, 130);
    EXPECT_EQ(content_of(folder / "speed.txt"), "old");
    EXPECT_EQ(content_of(folder / "speed.txt.part"), "part");
}

}  // namespace
}  // namespace affectsr::cli
