#include "affectsr/base/fields.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

struct Stage {
    int blocks = 2;
    std::string kind = "plain";
    void fields(auto&& f) {
        f("blocks", blocks, "number of blocks", Range{1, 64});
        f("kind", kind, "sort of block", OneOf{{"plain", "dense"}});
    }
};

struct Settings {
    bool flip = true;
    int epochs = 30;
    std::uint8_t small = 7;
    std::uint64_t seed = 1;
    float rate = 0.5f;
    double weight = 0.25;
    std::string name = "small_net";
    std::filesystem::path root = "data";
    std::vector<int> sizes = {48, 24};
    std::vector<bool> mask;
    Stage stage;
    std::vector<Stage> stages;
    Json anything = nullptr;
    void fields(auto&& f) {
        f("flip", flip, "mirror half of the faces");
        f("epochs", epochs, "passes over the data", Range{1, 50'000'000});
        f("small", small, "a small number");
        f("seed", seed, "start of all random numbers");
        f("rate", rate, "learning rate", Range{0, 1});
        f("weight", weight, "weight of the loss");
        f("name", name, "network");
        f("root", root, "folder");
        f("sizes", sizes, "face sizes in pixels", Range{1, 1024});
        f("mask", mask, "which are used");
        f("stage", stage, "the only stage");
        f("stages", stages, "all stages");
        f("anything", anything, "left to the reader");
    }
};

std::string refusal(const Json& json) {
    try {
        affectsr::from_json<Settings>(json, "r.json");
    } catch (const UsageError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(Fields, DefaultsAreWrittenInTheListedOrder) {
    EXPECT_EQ(to_json(Stage{}).dump(), R"({"blocks":2,"kind":"plain"})");
}

TEST(Fields, EverySortOfMemberSurvivesTheRoundTrip) {
    const Json written = Json::parse(R"({"flip":false,"epochs":3,"small":255,"seed":18446744073709551615,"rate":0.25,
        "weight":-1.5,"name":"edsr","root":"/faces","sizes":[8,12],"mask":[true,false],
        "stage":{"blocks":4,"kind":"dense"},"stages":[{"blocks":1,"kind":"plain"},{"blocks":2,"kind":"dense"}],
        "anything":{"a":[1,null]}})");
    EXPECT_EQ(to_json(affectsr::from_json<Settings>(written)), written);
}

TEST(Fields, WhatIsNotNamedKeepsItsDefault) {
    const auto settings = affectsr::from_json<Settings>(Json::parse(R"({"stage":{"kind":"dense"}})"));
    EXPECT_EQ(settings.stage.blocks, 2);
    EXPECT_EQ(settings.stage.kind, "dense");
    EXPECT_EQ(settings.epochs, 30);
}

TEST(Fields, AnUnknownSettingIsRefusedAndTheKnownOnesAreListed) {
    EXPECT_EQ(refusal({{"stage", {{"block", 3}}}}),
              "r.json: stage: unknown setting \"block\"; known are: blocks, kind");
    try {
        affectsr::from_json<Stage>(Json::parse(R"({"block":3})"));
        FAIL() << "nothing was thrown";
    } catch (const UsageError& error) {
        EXPECT_EQ(error.code(), "unknown_setting");
    }
}

TEST(Fields, NumbersOutOfRangeNameTheBoundsInFull) {
    EXPECT_EQ(refusal({{"epochs", 0}}), "r.json: \"epochs\" must be from 1 to 50000000, got 0");
    EXPECT_EQ(refusal({{"rate", 1.5}}), "r.json: \"rate\" must be from 0 to 1, got 1.5");
    EXPECT_EQ(refusal({{"sizes", {48, 0}}}), "r.json: \"sizes[1]\" must be from 1 to 1024, got 0");
    EXPECT_EQ(refusal({{"stages", {{{"blocks", 65}}}}}), "r.json: stages[0]: \"blocks\" must be from 1 to 64, got 65");
}

TEST(Fields, BothBoundsOfARangeAreAllowed) {
    EXPECT_EQ(affectsr::from_json<Settings>({{"rate", 0}}).rate, 0.0f);
    EXPECT_EQ(affectsr::from_json<Settings>({{"rate", 1}}).rate, 1.0f);
}

TEST(Fields, OneSidedRangesSayWhichSide) {
    EXPECT_THROW(detail::check_range("scale", 0, Range{.least = 1}), UsageError);
    try {
        detail::check_range("scale", 3, Range{.most = 2});
        FAIL() << "nothing was thrown";
    } catch (const UsageError& error) {
        EXPECT_STREQ(error.what(), "\"scale\" must be at most 2, got 3");
    }
}

TEST(Fields, WordsOutsideTheListAreRefused) {
    EXPECT_EQ(refusal({{"stage", {{"kind", "wide"}}}}),
              "r.json: stage: \"kind\" must be one of plain, dense; got \"wide\"");
}

TEST(Fields, TypesAreNotConverted) {
    EXPECT_EQ(refusal({{"flip", 1}}), "r.json: \"flip\" must be true or false, got 1");
    EXPECT_EQ(refusal({{"epochs", 2.0}}), "r.json: \"epochs\" must be a whole number, got 2.0");
    EXPECT_EQ(refusal({{"rate", "0.1"}}), "r.json: \"rate\" must be a number, got \"0.1\"");
    EXPECT_EQ(refusal({{"name", 3}}), "r.json: \"name\" must be a text, got 3");
    EXPECT_EQ(refusal({{"root", nullptr}}), "r.json: \"root\" must be a text, got null");
    EXPECT_EQ(refusal({{"sizes", 48}}), "r.json: \"sizes\" must be a list, got 48");
    EXPECT_EQ(refusal({{"stage", 1}}), "r.json: \"stage\" must be an object of settings, got 1");
    EXPECT_EQ(refusal(Json::array()), "r.json: must be a JSON object of settings, got []");
}

TEST(Fields, BytesThatAreNotTextDoNotHideTheRefusal) {
    EXPECT_EQ(refusal({{"epochs", "\xff"}}), "r.json: \"epochs\" must be a whole number, got \"\xef\xbf\xbd\"");
}

TEST(Fields, NumbersThatDoNotFitTheirMemberAreRefused) {
    EXPECT_EQ(refusal({{"small", 256}}), "r.json: \"small\" must be a whole number that fits, got 256");
    EXPECT_EQ(refusal({{"seed", -1}}), "r.json: \"seed\" must be a whole number that fits, got -1");
    EXPECT_NE(refusal({{"weight", std::numeric_limits<double>::quiet_NaN()}}), "accepted");
    EXPECT_NE(refusal({{"weight", std::numeric_limits<double>::infinity()}}), "accepted");
}

TEST(Fields, ARefusedListingChangesNothing) {
    Settings settings;
    EXPECT_THROW(set_from_json(settings, Json::parse(R"({"epochs":5,"rate":2})")), UsageError);
    EXPECT_EQ(settings.epochs, 30);
}

TEST(Fields, TheListingSaysTypeHelpAndRangeForFlags) {
    Settings settings;
    const std::vector<Field> fields = list_fields(settings);
    ASSERT_EQ(fields.size(), 13u);
    EXPECT_EQ(fields[0].type, "yes/no");
    EXPECT_EQ(fields[1].name, "epochs");
    EXPECT_EQ(fields[1].help, "passes over the data");
    EXPECT_EQ(fields[1].range.most, 5e7);
    EXPECT_EQ(fields[4].type, "number");
    EXPECT_EQ(fields[7].type, "text");
    EXPECT_EQ(fields[8].type, "list");
    EXPECT_EQ(fields[10].type, "settings");
    fields[1].set(9);
    EXPECT_EQ(settings.epochs, 9);
    EXPECT_EQ(fields[1].get(), 9);
}

}  // namespace
}  // namespace affectsr
