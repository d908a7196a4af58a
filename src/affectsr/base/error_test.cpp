#include "affectsr/base/error.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

TEST(Error, EveryKindHasTheExitCodeOfTheHouse) {
    EXPECT_EQ(UsageError("x").exit_code(), 2);
    EXPECT_EQ(InputError("truncated", "x").exit_code(), 3);
    EXPECT_EQ(ModelError("no_such_model", "x").exit_code(), 4);
    EXPECT_EQ(ResourceError("cannot_write", "x").exit_code(), 5);
    EXPECT_EQ(Bug("x").exit_code(), 1);
}

TEST(Error, CarriesItsKindItsStableCodeAndItsMessage) {
    const InputError error("too_large", "a.png: 30000 × 30000 pixels; at most 16384 a side");
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_EQ(error.code(), "too_large");
    EXPECT_STREQ(error.what(), "a.png: 30000 × 30000 pixels; at most 16384 a side");
}

TEST(Error, UsageErrorsAreCalledBadSettingUnlessSaidOtherwise) {
    EXPECT_EQ(UsageError("x").code(), "bad_setting");
    EXPECT_EQ(UsageError("x", "unknown_restorer").code(), "unknown_restorer");
}

TEST(Error, OneFamilyIsCaughtByItsBase) {
    EXPECT_THROW(throw ModelError("model_damaged", "m"), Error);
    EXPECT_THROW(throw Bug("b"), std::runtime_error);
}

TEST(Error, AKeptPromisePassesWithoutBuildingItsMessage) {
    bool asked = false;
    const auto message = [&] {
        asked = true;
        return std::string("broken");
    };
    EXPECT_NO_THROW(AFFECTSR_EXPECT(1 + 1 == 2, message()));
    EXPECT_FALSE(asked);
}

TEST(Error, ABrokenPromiseNamesTheConditionTheMessageAndThePlace) {
    try {
        const int channels = 4;
        AFFECTSR_EXPECT(channels == 3, "a picture has three channels, got " + std::to_string(channels));
        FAIL() << "nothing was thrown";
    } catch (const Bug& bug) {
        const std::string text = bug.what();
        EXPECT_NE(text.find("a picture has three channels, got 4"), std::string::npos) << text;
        EXPECT_NE(text.find("channels == 3"), std::string::npos) << text;
        EXPECT_NE(text.find("error_test.cpp:"), std::string::npos) << text;
        EXPECT_EQ(text.find('/'), std::string::npos) << "a folder of the build machine leaks: " << text;
        EXPECT_EQ(bug.code(), "internal");
    }
}

}  // namespace
}  // namespace affectsr
