#include "affectsr/train/recipe.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

class RecipeTest : public ::testing::Test {
 protected:
    std::filesystem::path write(const std::string& text) const {
        std::ofstream(path_) << text;
        return path_;
    }
    void TearDown() override { std::filesystem::remove(path_); }
    std::filesystem::path path_ =
        std::filesystem::temp_directory_path() / ("affectsr_recipe_" + std::to_string(::getpid()) + ".json");
};

TEST_F(RecipeTest, PublishedRecipesCanBeRead) {
    const std::filesystem::path folder = std::filesystem::path(AFFECTSR_SOURCE_DIR) / "recipes" / "train";
    int read = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        const Recipe recipe = read_recipe(file.path(), "/data");
        EXPECT_EQ(recipe.name, file.path().stem().string());
        EXPECT_EQ(recipe.data.at(0).options["root"].get<std::string>().rfind("/data/", 0), 0u);
        ++read;
    }
    EXPECT_GT(read, 0);
}

TEST_F(RecipeTest, AnUnknownKeyIsAnErrorThatNamesIt) {
    try {
        read_recipe(write(R"({"name": "x", "losses": [{}], "epoch": 3})"), "");
        FAIL();
    } catch (const UsageError& error) {
        EXPECT_NE(std::string(error.what()).find("\"epoch\""), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("epochs"), std::string::npos) << "the known keys are listed";
    }
}

TEST_F(RecipeTest, WhatCannotBeReadIsAnInputError) {
    EXPECT_THROW(read_recipe(write("{ \"name\": "), ""), InputError);
    EXPECT_THROW(read_recipe("/nowhere/recipe.json", ""), InputError);
}

TEST_F(RecipeTest, ANameWithFoldersAndALossLessRunAreRefused) {
    EXPECT_THROW(read_recipe(write(R"({"name": "a/b", "losses": [{}]})"), ""), UsageError);
    EXPECT_THROW(read_recipe(write(R"({"name": "a"})"), ""), UsageError);
}

TEST_F(RecipeTest, ARootThatIsNoTextIsRefusedByFileAndValue) {
    for (const char* options : {R"({"root": 3})", R"({"root": null})", R"({"root": ["a"]})", "[]", "7"}) {
        const std::string text =
            R"({"name": "a", "losses": [{}], "data": [{"options": )" + std::string(options) + "}]}";
        try {
            read_recipe(write(text), "");
            FAIL() << text;
        } catch (const UsageError& error) {
            EXPECT_NE(std::string(error.what()).find(path_.string()), std::string::npos) << error.what();
        }
    }
}

TEST_F(RecipeTest, NamesThatHideOrBreakFilesAndLossesThatCountNothingAreRefused) {
    for (const char* name : {".", "..", ".hidden", "a\\u0000b", "a\\nb"})
        EXPECT_THROW(read_recipe(write(R"({"losses": [{}], "name": ")" + std::string(name) + "\"}"), ""), UsageError)
            << name;
    EXPECT_THROW(read_recipe(write(R"({"name": "a", "losses": [{"weight": 0}]})"), ""), UsageError);
}

TEST_F(RecipeTest, AsJsonItHasEveryOptionWithItsValue) {
    const Recipe recipe =
        read_recipe(write(R"({"name": "a", "losses": [{}], "network": {"name": "resnet18", "options": {"width": 8}},
                  "data": [{"dataset": "exp_w", "options": {"root": "e"}}]})"),
                    "d");
    const Json json = resolved_json(recipe);
    EXPECT_EQ(json["network"]["options"], Json::parse(R"({"input_px": 224, "width": 8})"));
    const Json options = json["data"][0]["options"];
    EXPECT_EQ(options["root"], "d/e");
    EXPECT_EQ(options["split"], "");
    EXPECT_TRUE(options.contains("least_confidence")) << options;
    EXPECT_EQ(json["losses"][0]["weight"], 1.0);
    const Recipe again = from_json<Recipe>(json, "a");
    EXPECT_EQ(resolved_json(again), json);
}

TEST_F(RecipeTest, TheLearningRateRisesOnceAndFallsToItsEnd) {
    const ScheduleOptions s{.peak = 0.2, .warm_up = 0.25, .first = 0.1, .last = 0.01};
    EXPECT_DOUBLE_EQ(learning_rate(s, 0, 100), 0.02);
    EXPECT_DOUBLE_EQ(learning_rate(s, 25, 100), 0.2);
    EXPECT_NEAR(learning_rate(s, 100, 100), 0.002, 1e-12);
    for (std::uint64_t step = 25; step < 100; ++step)
        EXPECT_GT(learning_rate(s, step, 100), learning_rate(s, step + 1, 100));
}

}  // namespace
}  // namespace affectsr
