#include "affectsr/experiment/table.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/classify/small_net.h"
#include "affectsr/experiment/table_ground.h"
#include "affectsr/experiment/table_page.h"
#include "affectsr/experiment/table_text.h"
#include "affectsr/experiment/test_dataset.h"
#include "affectsr/image/encode.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/edsr.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {
namespace {

/// Three labelled pictures, a judge and a small EDSR that have learned nothing, and a recipe that has them.
class Table : public ::testing::Test {
 protected:
    Table() {
        std::string manifest = "path,label\n";
        for (int i = 0; i < 3; ++i) {
            const std::string name = std::to_string(i) + ".png";
            folder.fill("data/faces/" + name, text_of(encode_png(stripes(128, 128, i))));
            manifest += name + ",happiness\n";
        }
        folder.fill("data/faces/manifest.csv", manifest);
        std::filesystem::create_directory(folder / "root");
        SmallNetOptions options;
        options.widths = {8, 16}, options.depths = {1, 1};
        ModelFile judge;
        judge.card.network = "small_net";
        judge.card.options = to_json(options);
        judge.card.labels = names_of(seven_emotions());
        judge.tensors = first_weights(small_net(options).plan, 5);
        judge.save(folder / "root/judge.safetensors");
        save_edsr("root/edsr.safetensors", 1);
        recipe.name = "table";
        recipe.data = {{.name = "faces", .root = "faces"}};
        recipe.judges = {"small_net=judge.safetensors"};
        recipe.restorers = {{"bicubic", "bicubic", {}, {}}, {"EDSR", "edsr", {"edsr.safetensors"}, {}}};
        recipe.pictures = 2;
        recipe.timed_faces = 1;
        recipe.precision = "f32";
    }

    void save_edsr(const std::string& name, int seed) {
        EdsrOptions options;
        options.features = 4, options.blocks = 1, options.scale = 4;
        ModelFile file;
        file.card.network = "edsr";
        file.card.options = to_json(options);
        file.card.figures = {{"steps", 120}, {"training_seconds", 60}};
        file.tensors = first_weights(edsr(options).plan, static_cast<std::uint64_t>(seed));
        file.save(folder / name);
    }

    TableResult run(const std::string& command = "affectsr", const TableProgress& progress = {},
                    std::stop_token stop = {}) {
        const TablePlaces places{folder / "data", "", folder / "root", folder / "rows"};
        return run_table(recipe, places, command, 1, progress, std::move(stop));
    }

    TemporaryFolder folder;
    TableRecipe recipe;
};

std::string command_of(const Json& row) {
    return row.at("made_by").at("command");
}

TEST_F(Table, EveryRestorerIsARowAndItsGainIsOverBicubic) {
    const TableResult result = run();
    ASSERT_EQ(result.rows.size(), 2U);
    const Json &bicubic = result.rows[0], &edsr = result.rows[1];
    for (const char* key : {"psnr_y_gain", "psnr_y_gain_low", "psnr_y_gain_high"}) EXPECT_EQ(bicubic.at(key), 0) << key;
    EXPECT_NEAR(edsr.at("psnr_y_gain").get<double>(),
                edsr.at("psnr_y").get<double>() - bicubic.at("psnr_y").get<double>(), 1e-9);
    EXPECT_LE(edsr.at("psnr_y_gain_low"), edsr.at("psnr_y_gain"));
    EXPECT_EQ(edsr.at("training_steps"), 120);
    EXPECT_EQ(edsr.at("n"), 3);
    EXPECT_TRUE(edsr.at("ms_per_face").is_number());
    EXPECT_EQ(edsr.at("judge1").at("name"), "small_net");
    EXPECT_TRUE(edsr.at("judge1").at("flip_rate").is_number());
    EXPECT_EQ(result.judges, std::vector<std::string>{"small_net"});
    EXPECT_TRUE(result.missing.empty());
}

TEST_F(Table, FacesAreShownAsEverybodyMadeThem) {
    const TableResult result = run();
    ASSERT_EQ(result.strips.size(), 1U);
    ASSERT_EQ(result.strips[0].faces.size(), 2U);
    for (const TableFace& face : result.strips[0].faces) {
        EXPECT_EQ(face.original.rgb, stripes(128, 128, static_cast<int>(face.face)).rgb);
        EXPECT_EQ(face.restorers, (std::vector<std::string>{"bicubic", "EDSR"}));
        ASSERT_EQ(face.restored.size(), 2U);
        EXPECT_NE(face.restored[0].rgb, face.restored[1].rgb);
    }
}

TEST_F(Table, AMissingModelIsARowThatSaysSo) {
    std::filesystem::remove(folder / "root/edsr.safetensors");
    const TableResult result = run();
    ASSERT_EQ(result.rows.size(), 2U);
    EXPECT_TRUE(result.rows[0].at("error").is_null());
    EXPECT_NE(result.rows[1].at("error").get<std::string>().find("edsr.safetensors"), std::string::npos);
    ASSERT_EQ(result.missing.size(), 1U);
    EXPECT_NE(result.missing[0].find("EDSR: "), std::string::npos) << result.missing[0];
}

TEST_F(Table, FinishedRowsAreKeptUntilTheirModelChanges) {
    const TableResult first = run("first"), second = run("second");
    EXPECT_EQ(first.rows, second.rows);
    save_edsr("root/edsr.safetensors", 2);
    const TableResult third = run("third");
    EXPECT_EQ(command_of(third.rows[0]), "first");
    EXPECT_EQ(command_of(third.rows[1]), "third");
    EXPECT_NE(third.rows[1].at("psnr_y"), first.rows[1].at("psnr_y"));
}

TEST_F(Table, FinishedRowsAreMadeAnewWhenSettingsFacesOrPicturesChange) {
    run("first");
    recipe.border_px = 4;
    EXPECT_EQ(command_of(run("second").rows[0]), "second");
    folder.fill("data/faces/manifest.csv", "path,label\n0.png,happiness\n1.png,anger\n");
    EXPECT_EQ(command_of(run("third").rows[0]), "third");
    std::filesystem::remove_all(folder / "rows/faces_4x_edsr");
    const TableResult fourth = run("fourth");
    EXPECT_EQ(command_of(fourth.rows[0]), "third");
    EXPECT_EQ(command_of(fourth.rows[1]), "fourth") << "its pictures were gone";
}

TEST_F(Table, WhereThingsLieChangesNothing) {
    run("first");
    std::filesystem::rename(folder / "root", folder / "elsewhere");
    const TablePlaces moved{folder / "data", folder / "elsewhere", "", folder / "rows"};
    EXPECT_EQ(command_of(run_table(recipe, moved, "second", 1).rows[1]), "first");
}

TEST_F(Table, AStoppedRunGoesOnWhereItWas) {
    std::stop_source stop;
    const auto stop_at_edsr = [&](const std::string& what, std::size_t, std::size_t, std::size_t) {
        if (what.find("EDSR") != std::string::npos) stop.request_stop();
    };
    const TableResult part = run("first", stop_at_edsr, stop.get_token());
    EXPECT_TRUE(part.interrupted);
    ASSERT_EQ(part.rows.size(), 1U);
    const TableResult whole = run("second");
    EXPECT_FALSE(whole.interrupted);
    ASSERT_EQ(whole.rows.size(), 2U);
    EXPECT_EQ(command_of(whole.rows[0]), "first");
    EXPECT_EQ(command_of(whole.rows[1]), "second");
}

TEST_F(Table, APictureThatCannotBeReadIsToldOfEveryRowThatLacksIt) {
    folder.fill("data/faces/1.png", "no picture");
    for (const char* time : {"measured", "kept"}) {
        const TableResult result = run();
        EXPECT_EQ(result.rows[0].at("n"), 2) << time;
        EXPECT_EQ(result.failed.size(), 2U) << time;
        EXPECT_FALSE(result.rows[0].contains("failed"));
    }
}

TEST_F(Table, ADataSetOrJudgeThatIsNotThereIsToldAndTheRestGoesOn) {
    recipe.data.insert(recipe.data.begin(), {.name = "nowhere", .root = "nowhere"});
    recipe.judges.emplace_back("lost.safetensors");
    const TableResult result = run();
    EXPECT_EQ(result.rows.size(), 2U);
    ASSERT_EQ(result.missing.size(), 2U);
    EXPECT_NE(result.missing[0].find("lost.safetensors"), std::string::npos);
    EXPECT_NE(result.missing[1].find("nowhere"), std::string::npos);
    EXPECT_EQ(result.judges.size(), 1U);
}

TEST_F(Table, SeveralTrainingsAreSeveralRows) {
    save_edsr("root/again.safetensors", 3);
    recipe.restorers[1].models.emplace_back("again.safetensors");
    const TableResult result = run();
    ASSERT_EQ(result.rows.size(), 3U);
    EXPECT_EQ(result.rows[1].at("restorer"), "EDSR #1");
    EXPECT_EQ(result.rows[2].at("restorer"), "EDSR #2");
    EXPECT_EQ(result.rows[2].at("model"), "again.safetensors");
    EXPECT_NE(result.rows[1].at("psnr_y"), result.rows[2].at("psnr_y"));
}

TEST_F(Table, ARestorerOfAnotherScaleIsAMistakeOfTheRecipe) {
    recipe.scales = {8};
    EXPECT_THROW(run(), UsageError);
}

TEST_F(Table, ReadingRestoredFacesIsHeldAgainstReadingThemDirectly) {
    recipe.expressions.data = recipe.data;
    recipe.expressions.sizes = {16, 12};
    recipe.expressions.readers = recipe.judges;
    recipe.expressions.restorers = recipe.restorers;
    recipe.expressions.restorers[1].only = {16};
    recipe.restorers.clear();
    const TableResult first = run("first");
    ASSERT_EQ(first.expressions.size(), 3U) << "bicubic and EDSR at 16 px, bicubic at 12";
    for (const Json& row : first.expressions) {
        EXPECT_EQ(row.at("n"), 3);
        EXPECT_EQ(row.at("reader"), "small_net");
        EXPECT_TRUE(row.at("accuracy_difference").is_number());
        EXPECT_EQ(row.at("accuracy_a"), row.at("a").at("accuracy"));
    }
    EXPECT_EQ(first.expressions[1].at("restorer"), "EDSR");
    EXPECT_EQ(first.expressions[1].at("size"), 16);
    EXPECT_TRUE(first.rows.empty());
    EXPECT_EQ(run("second").expressions, first.expressions);
}

TEST_F(Table, WhatARestorerMadeIsTheSameForEveryReader) {
    recipe.expressions.data = recipe.data;
    recipe.expressions.sizes = {16};
    recipe.expressions.readers = {recipe.judges[0], "judge.safetensors"};
    recipe.expressions.restorers = recipe.restorers;
    recipe.restorers.clear();
    const TableResult result = run();
    ASSERT_EQ(result.expressions.size(), 4U);
    const std::vector<std::string> who{"bicubic", "EDSR", "bicubic", "EDSR"};
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(result.expressions[i].at("restorer"), who[i]) << "reader by reader";
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_NE(result.expressions[i + 2].at("reader"), result.expressions[i].at("reader"));
        EXPECT_EQ(result.expressions[i + 2].at("b"), result.expressions[i].at("b"));
        EXPECT_EQ(result.expressions[i + 2].at("restoring_ms_per_face"),
                  result.expressions[i].at("restoring_ms_per_face"))
            << "restored once";
    }
}

TEST_F(Table, ARestorerCanBeBeforeSomeReadersOnly) {
    recipe.expressions.data = recipe.data;
    recipe.expressions.sizes = {16};
    recipe.expressions.readers = {recipe.judges[0], "judge.safetensors"};
    recipe.expressions.restorers = recipe.restorers;
    recipe.expressions.restorers[1].before = {"judge.safetensors"};
    recipe.restorers.clear();
    const TableResult result = run();
    ASSERT_EQ(result.expressions.size(), 3U);
    EXPECT_EQ(result.expressions[0].at("restorer"), "bicubic");
    EXPECT_EQ(result.expressions[2].at("restorer"), "EDSR");
    EXPECT_EQ(result.expressions[2].at("reader"), result.expressions[1].at("reader"));
}

TEST_F(Table, WhatWasRestoredIsAlignedByTheSmallFace) {
    recipe.expressions.data = recipe.data;
    recipe.expressions.sizes = {16};
    recipe.expressions.readers = recipe.judges;
    recipe.expressions.restorers = {recipe.restorers[0], recipe.restorers[0]};
    recipe.expressions.restorers[1].name = "bicubic, aligned anew";
    recipe.expressions.restorers[1].aligned_to = "lfw_128";
    recipe.restorers.clear();
    const TableResult result = run();
    ASSERT_EQ(result.expressions.size(), 2U);
    EXPECT_NE(result.expressions[1].at("b"), result.expressions[0].at("b")) << "moved, or not sure of the points";
    EXPECT_EQ(result.expressions[1].at("a"), result.expressions[0].at("a"));
}

TEST_F(Table, FacesOfSomeClassesAreReadAsOneOfThem) {
    recipe.expressions.data = recipe.data;
    recipe.expressions.data[0].classes = {"happiness"};
    recipe.expressions.sizes = {16};
    recipe.expressions.readers = recipe.judges;
    recipe.expressions.restorers = {recipe.restorers[0]};
    recipe.restorers.clear();
    const Json row = run().expressions.at(0);
    EXPECT_EQ(row.at("a").at("accuracy"), 1) << "there is nothing else to say";
    EXPECT_EQ(row.at("n"), 3);
    recipe.expressions.data.push_back(recipe.data[0]);  // of the same name, all classes
    const TableResult both = run();
    ASSERT_EQ(both.expressions.size(), 2U);
    EXPECT_NE(both.expressions[1].at("a").at("mean_confidence"), both.expressions[0].at("a").at("mean_confidence"));
    recipe.expressions.data[0].classes = {"hungry"};
    EXPECT_THROW(run(), UsageError);
}

TEST_F(Table, OriginalsMakeThreePhases) {
    recipe.expressions.data = recipe.data;
    recipe.expressions.sizes = {16};
    recipe.expressions.readers = recipe.judges;
    recipe.expressions.restorers = recipe.restorers;
    recipe.expressions.originals = true;
    recipe.restorers.clear();
    const TableResult result = run();
    ASSERT_EQ(result.expressions.size(), 2U);
    for (const Json& row : result.expressions) {
        EXPECT_EQ(row.at("original").at("n"), 3);
        EXPECT_EQ(row.at("original"), result.expressions[0].at("original")) << "the same faces, the same reader";
        for (const char* flips : {"flips_by_reducing", "flips_by_restoring", "flips_in_the_end"})
            EXPECT_EQ(row.at(flips).at("n"), 3) << flips;
        EXPECT_GE(row.at("reducing_p"), 0);
        EXPECT_GT(row.at("restoring_ms_per_face"), 0);
    }
    EXPECT_NE(table_markdown(recipe, result).find("Three phases"), std::string::npos);
    EXPECT_NE(table_page(recipe, result).find("taken for which"), std::string::npos);
}

TEST(TableGround, FacesAreTakenEvenly) {
    const TestDataset faces(std::vector<Sample>(10, labelled(Emotion::anger, Image(8, 8))));
    TableData data{.name = "faces"};
    const TableJudges judges;
    EXPECT_EQ((TableGround{data, faces, 4, judges}.evenly(4)), (std::set<std::size_t>{0, 2, 5, 7}));
    EXPECT_EQ((TableGround{data, faces, 4, judges}.evenly(99).size()), 10U);
    EXPECT_TRUE((TableGround{data, faces, 4, judges}.evenly(0)).empty());
    data.limit = 4;
    EXPECT_EQ((TableGround{data, faces, 4, judges}.evenly(2)), (std::set<std::size_t>{0, 2}));
}

}  // namespace
}  // namespace affectsr
