#include "affectsr/experiment/held_out.h"

#include <gtest/gtest.h>

#include <set>

#include "affectsr/base/temporary_folder.h"
#include "affectsr/data/manifest.h"
#include "affectsr/data/split.h"

namespace affectsr {
namespace {

/// 200 faces without pictures: every tenth is marked as a copy, every tenth has no label.
void fill_list(const TemporaryFolder& folder) {
    std::string list = "path,label,split,dup_in_other_split\n";
    for (int i = 0; i < 200; ++i)
        list += "p/" + std::to_string(i) + ".png," + (i % 10 == 1 ? "" : "happiness") + ",train," +
                (i % 10 == 0 ? "1" : "0") + "\n";
    folder.fill("sets/faces/manifest.csv", list);
}

ModelCard card() {
    ModelCard card;
    card.recipe = Json::parse(R"({
        "data": [{"dataset": "manifest", "options": {"root": "faces", "split": "train"}, "expression": "label",
                  "own_labels_head": "faces"}],
        "validation": {"share": 0.3}, "seed": 7})");
    return card;
}

std::string names_in(const Dataset& dataset, const std::vector<std::size_t>& rows) {
    std::string names;
    for (const std::size_t row : rows) names += dataset.info(row).path.filename().string() + " ";
    return names;
}

TEST(HeldOut, FacesAreThoseThatTheSplitPutsAsideAndThatCouldTeach) {
    const TemporaryFolder folder;
    fill_list(folder);
    const auto sources = held_out_faces(card(), folder / "sets", "m");
    ASSERT_EQ(sources.size(), 1u);
    DatasetOptions where;
    where.root = folder / "sets/faces";
    const Manifest whole(where);
    std::vector<std::size_t> wanted, all(sources[0].faces->size());
    for (const std::size_t row : split_by_subject(whole, 0.3, 7).part)
        if (whole.info(row).usable && whole.info(row).label) wanted.push_back(row);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    EXPECT_GT(wanted.size(), 20u);
    EXPECT_EQ(names_in(*sources[0].faces, all), names_in(whole, wanted));
}

TEST(HeldOut, EveryHeadIsHeldAgainstWhatItLearned) {
    const TemporaryFolder folder;
    fill_list(folder);
    const auto truths = held_out_faces(card(), folder / "sets", "m")[0].truths;
    ASSERT_EQ(truths.size(), 2u);
    EXPECT_EQ(truths[0].head + " " + truths[0].truth, "expression label");
    EXPECT_EQ(truths[1].head + " " + truths[1].truth, "faces label");
}

std::string code_of(const ModelCard& card, const std::filesystem::path& root) {
    try {
        held_out_faces(card, root, "m");
    } catch (const Error& error) {
        return error.code();
    }
    return "";
}

TEST(HeldOut, ADataSetThatWasNotLearnedFromIsRefused) {
    const TemporaryFolder folder;
    fill_list(folder);
    ModelCard other_list = card(), other_count = card(), same = card();
    other_list.trained_on["sources"] = Json::parse(R"([{"list_sha256": "ab", "faces": 1}])");
    other_count.trained_on["sources"] = Json::parse(R"([{"faces": 1}])");
    EXPECT_EQ(code_of(other_list, folder / "sets"), "other_faces");
    EXPECT_EQ(code_of(other_count, folder / "sets"), "other_faces");
    const auto sources = held_out_faces(card(), folder / "sets", "m");
    const std::size_t teach = 160, held_out = sources[0].faces->size();  // of 200, 20 are copies, 20 without a label
    same.trained_on["sources"] = {{{"faces", teach - held_out - 2}, {"broken", 3}}};
    EXPECT_EQ(code_of(same, folder / "sets"), "") << "two of them could not be read when it learned";
}

TEST(HeldOut, ACardWithoutARecipeThatHoldsFacesOutIsRefused) {
    const TemporaryFolder folder;
    fill_list(folder);
    ModelCard none = card(), imported = card(), nothing_held_out = card(), strange = card();
    none.recipe = Json::object();
    imported.recipe = Json::parse(R"({"import": {"file": "x.pth"}})");
    nothing_held_out.recipe["validation"]["share"] = 0;
    strange.recipe["data"] = Json::parse(R"([{"options": {"root": 7}}])");
    for (const ModelCard& refused : {none, imported, nothing_held_out, strange})
        EXPECT_EQ(code_of(refused, folder / "sets"), "no_recipe") << refused.recipe.dump();
}

}  // namespace
}  // namespace affectsr
