#include "affectsr/experiment/table_recipe.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/restore/catalog.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {
namespace {

const Json kTable = Json::parse(R"({
    "name": "small", "data": [{"name": "faces", "root": "faces"}], "judges": ["small_net"],
    "restorers": [{"name": "bicubic", "network": "bicubic"}]})");

TableRecipe read(const Json& recipe) {
    const TemporaryFolder folder;
    folder.fill("recipe.json", recipe.dump());
    return read_table_recipe(folder / "recipe.json");
}

TEST(TableRecipe, WhatIsNotSaidKeepsItsDefault) {
    const TableRecipe recipe = read(kTable);
    EXPECT_EQ(recipe.title, "small");
    EXPECT_EQ(recipe.scales, std::vector<int>{4});
    EXPECT_EQ(recipe.data.at(0).dataset, "manifest");
    EXPECT_TRUE(recipe.expressions.data.empty());
}

TEST(TableRecipe, WhatCannotBeMeantIsRefused) {
    const auto changed = [](const std::string& pointer, const Json& value) {
        Json recipe = kTable;
        recipe[Json::json_pointer(pointer)] = value;
        return recipe;
    };
    const Json bicubic = kTable.at("restorers").at(0), unnamed{{"network", "bicubic"}};
    // Two readers, "a" and "b", and one restorer that is before some of them.
    const auto read_by = [&](const Json& before) {
        Json restorer = bicubic;
        restorer["before"] = before;
        return changed("/expressions",
                       {{"data", {{{"name", "faces"}}}}, {"readers", {"a", "b"}}, {"restorers", {restorer}}});
    };
    const auto aligned_to = [&](const std::string& framing) {
        Json restorer = bicubic;
        restorer["aligned_to"] = framing;
        return changed("/expressions",
                       {{"data", {{{"name", "faces"}}}}, {"readers", {"a"}}, {"restorers", {restorer}}});
    };
    EXPECT_NO_THROW(read(aligned_to("lfw_128")));
    for (const Json& wrong :
         {changed("/colour", 1), changed("/name", "../up"), changed("/name", ""), changed("/scales", {1}),
          changed("/judges", Json::array()), changed("/data", Json::array()), changed("/restorers", {unnamed}),
          changed("/restorers", {bicubic, {{"name", "BICUBIC"}, {"network", "srcnn"}}}),
          changed("/restorers/0/network", ""), changed("/restorers/0/only", {8}),
          changed("/restorers/0/aligned_to", "lfw_128"), changed("/restorers/0/before", {"a"}),
          changed("/feature_heads", "a.pth"), changed("/expressions", {{"data", {{{"name", "faces"}}}}}),
          read_by({"nobody"}), read_by({"a"}), aligned_to("nobody_1"), Json{{"name", "empty"}}})
        EXPECT_THROW(read(wrong), UsageError) << wrong;
    const TemporaryFolder folder;
    folder.fill("recipe.json", "{");
    EXPECT_THROW(read_table_recipe(folder / "recipe.json"), InputError);
}

TEST(TableRecipe, AModelIsLookedForInTheModelsThenInTheRoot) {
    const TemporaryFolder folder;
    const TablePlaces places{"", folder / "models", folder / "root", ""};
    folder.fill("root/models/a.safetensors", "");
    EXPECT_EQ(find_table_model("models/a.safetensors", places), folder / "root/models/a.safetensors");
    EXPECT_EQ(find_table_judge("small_net=models/a.safetensors", places),
              "small_net=" + (folder / "root/models/a.safetensors").string());
    folder.fill("models/models/a.safetensors", "");
    EXPECT_EQ(find_table_model("models/a.safetensors", places), folder / "models/models/a.safetensors");
    EXPECT_EQ(find_table_judge("small_net", places), "small_net") << "a name is no file";
    try {
        find_table_model("b.safetensors", places);
        FAIL();
    } catch (const ModelError& error) {
        EXPECT_EQ(error.code(), "no_such_model");
        for (const char* place : {"models/b.safetensors", "root/b.safetensors", "--models"})
            EXPECT_NE(std::string(error.what()).find(place), std::string::npos) << error.what();
    }
}

TEST(TableRecipe, PlacesAreSeenFromTheRecipe) {
    TableRecipe recipe;
    recipe.name = "small";
    recipe.root = "../..";
    const TablePlaces places = table_places(recipe, "house/recipes/tables/small.json", "data", "", "out");
    EXPECT_EQ(places.root, "house/recipes/tables/../..");
    EXPECT_EQ(places.rows, "out/rows/small");
}

TEST(TableRecipe, NamesOfFilesHaveSmallLettersAndDigits) {
    EXPECT_EQ(slug_of("LFW val, 4×"), "lfw_val__4__");
    EXPECT_EQ(slug_of("../x"), "___x");
}

TEST(TableRecipe, EveryTableOfTheHouseNamesNetworksThatThereAre) {
    int tables = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(AFFECTSR_SOURCE_DIR) / "recipes/tables")) {
        const TableRecipe recipe = read_table_recipe(entry.path());
        EXPECT_EQ(recipe.name + ".json", entry.path().filename());
        for (const std::vector<TableRestorer>* restorers : {&recipe.restorers, &recipe.expressions.restorers})
            for (const TableRestorer& one : *restorers)
                EXPECT_NO_THROW(expect_known_restorer(one.network)) << entry.path() << " " << one.name;
        for (const std::string& judge : recipe.judges)
            EXPECT_EQ(judge.find("small_net"), std::string::npos) << "our restorers learned from small_net";
        ++tables;
    }
    EXPECT_EQ(tables, 7);
}

}  // namespace
}  // namespace affectsr
