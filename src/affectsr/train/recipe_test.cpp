#include "affectsr/train/recipe.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "affectsr/base/error.h"
#include "affectsr/train/task_catalog.h"

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
        EXPECT_NO_THROW(find(task_catalog(), recipe.task.name, "task").make(recipe.task.options)) << file.path();
        for (const TrainingSource& source : recipe.data)
            EXPECT_EQ(source.options["root"].get<std::string>().rfind("/data/", 0), 0u);
        ++read;
    }
    EXPECT_GT(read, 0);
}

TEST_F(RecipeTest, AnUnknownKeyIsAnErrorThatNamesIt) {
    try {
        read_recipe(write(R"({"name": "x", "epoch": 3})"), "");
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

TEST_F(RecipeTest, ANameWithFoldersIsRefused) {
    EXPECT_THROW(read_recipe(write(R"({"name": "a/b"})"), ""), UsageError);
}

TEST_F(RecipeTest, ARootThatIsNoTextIsRefusedByFileAndValue) {
    for (const char* options : {R"({"root": 3})", R"({"root": null})", R"({"root": ["a"]})", "[]", "7"}) {
        const std::string text = R"({"name": "a", "data": [{"options": )" + std::string(options) + "}]}";
        try {
            read_recipe(write(text), "");
            FAIL() << text;
        } catch (const UsageError& error) {
            EXPECT_NE(std::string(error.what()).find(path_.string()), std::string::npos) << error.what();
        }
    }
}

TEST_F(RecipeTest, NamesThatHideOrBreakFilesAreRefused) {
    for (const char* name : {".", "..", ".hidden", "a\\u0000b", "a\\nb"})
        EXPECT_THROW(read_recipe(write(R"({"name": ")" + std::string(name) + "\"}"), ""), UsageError) << name;
}

TEST_F(RecipeTest, AsJsonItHasEveryOptionWithItsValue) {
    const Recipe recipe = read_recipe(
        write(
            R"({"name": "a", "task": {"options": {"losses": [{}], "network": {"name": "resnet18", "options": {"width": 8}}}},
                  "data": [{"dataset": "exp_w", "options": {"root": "e"}}]})"),
        "d");
    const Json json = resolved_json(recipe, *make_task(recipe, ""));
    const Json& task = json["task"]["options"];
    EXPECT_EQ(task["network"]["options"], Json::parse(R"({"input_px": 224, "width": 8})"));
    EXPECT_EQ(task["losses"][0]["weight"], 1.0);
    EXPECT_EQ(task["learning"]["schedule"]["warm_up"], 0.15);
    const Json options = json["data"][0]["options"];
    EXPECT_EQ(options["root"], "d/e");
    EXPECT_EQ(options["split"], "");
    EXPECT_TRUE(options.contains("least_confidence")) << options;
    const Recipe again = affectsr::from_json<Recipe>(json, "a");
    EXPECT_EQ(resolved_json(again, *make_task(again, "")), json);
}

}  // namespace
}  // namespace affectsr
