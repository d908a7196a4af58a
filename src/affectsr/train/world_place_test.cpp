#include "affectsr/train/world_place.h"

#include <gtest/gtest.h>

#include <map>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

using Values = std::map<std::string, std::string>;

WorldPlace place_by(const Values& values) {
    return world_place([&](const char* name) {
        const auto found = values.find(name);
        return found == values.end() ? nullptr : found->second.c_str();
    });
}

const Values kSecondOfFour = {
    {"WORLD_SIZE", "4"}, {"RANK", "1"}, {"MASTER_ADDR", "alpha"}, {"MASTER_PORT", "29500"}, {"LOCAL_RANK", "0"}};

TEST(WorldPlace, WithoutAWorldAProcessIsByItself) {
    EXPECT_EQ(place_by({}).size, 1);
    EXPECT_EQ(place_by({{"RANK", "3"}}).size, 1);
    EXPECT_EQ(place_by({{"WORLD_SIZE", "1"}, {"RANK", "nonsense"}}).size, 1);
}

TEST(WorldPlace, IsWhatTorchrunSets) {
    const WorldPlace place = place_by(kSecondOfFour);
    EXPECT_EQ(place.size, 4);
    EXPECT_EQ(place.rank, 1);
    EXPECT_EQ(place.local_rank, 0);
    EXPECT_EQ(place.address, "alpha");
    EXPECT_EQ(place.port, 29500);
    EXPECT_FALSE(place.others_store);
}

TEST(WorldPlace, TheLocalRankIsTheRankWhereNobodySetsIt) {
    Values values = kSecondOfFour;
    values.erase("LOCAL_RANK");
    EXPECT_EQ(place_by(values).local_rank, 1);
}

TEST(WorldPlace, TorchrunMayKeepTheMeetingPointAndStartARunAgain) {
    Values values = kSecondOfFour;
    values["TORCHELASTIC_USE_AGENT_STORE"] = "True";
    values["TORCHELASTIC_RESTART_COUNT"] = "2";
    EXPECT_TRUE(place_by(values).others_store);
    EXPECT_EQ(place_by(values).prefix, "attempt_2/");
    values["TORCHELASTIC_USE_AGENT_STORE"] = "False";
    EXPECT_FALSE(place_by(values).others_store);
}

TEST(WorldPlace, EveryWrongOrMissingValueIsNamed) {
    const auto refusal = [](const std::string& name, const char* value) -> std::string {
        Values values = kSecondOfFour;
        values.erase(name);
        if (value != nullptr) values[name] = value;
        try {
            place_by(values);
        } catch (const UsageError& error) {
            return error.code() + ": " + error.what();
        }
        return "none";
    };
    for (const char* name : {"RANK", "MASTER_ADDR", "MASTER_PORT"}) {
        EXPECT_TRUE(
            refusal(name, nullptr).starts_with(std::string("bad_world: ") + name + " is not set, but WORLD_SIZE=4"))
            << refusal(name, nullptr);
        EXPECT_TRUE(refusal(name, "").starts_with(std::string("bad_world: ") + name + " is empty"))
            << refusal(name, "");
    }
    EXPECT_TRUE(refusal("RANK", "4").starts_with("bad_world: RANK=4 is no whole number from 0 to 3"));
    EXPECT_TRUE(refusal("RANK", "1.5").starts_with("bad_world: RANK=1.5 is"));
    EXPECT_TRUE(refusal("WORLD_SIZE", "0").starts_with("bad_world: WORLD_SIZE=0 is no whole number from 1 to"));
    EXPECT_TRUE(refusal("WORLD_SIZE", "two").starts_with("bad_world: WORLD_SIZE=two is"));
    EXPECT_TRUE(refusal("MASTER_PORT", "65536").starts_with("bad_world: MASTER_PORT=65536 is"));
    EXPECT_TRUE(refusal("LOCAL_RANK", "-1").starts_with("bad_world: LOCAL_RANK=-1 is"));
}

}  // namespace
}  // namespace affectsr
