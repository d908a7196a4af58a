#include "affectsr/cli/evaluate_table.h"

#include <gtest/gtest.h>

#include "affectsr/image/encode.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

constexpr const char* kEvaluate = "affectsr evaluate table tables/small.json --data data -o out ";

/// Two labelled pictures, and a recipe of bicubic under a judge that has learned nothing.
void fill(const TemporaryFolder& folder, const std::string& more = "") {
    for (int i = 0; i < 2; ++i)
        folder.fill("data/faces/" + std::to_string(i) + ".png", text_of(encode_png(stripes(128, 128, i))));
    folder.fill("data/faces/manifest.csv", "path,label\n0.png,anger\n1.png,happiness\n");
    folder.fill("tables/small.json", R"({"name": "small", "title": "A small table", "pictures": 1, "timed_faces": 1,
        "data": [{"name": "faces", "root": "faces"}], "judges": ["small_net"],
        "restorers": [{"name": "bicubic", "network": "bicubic"})" +
                                         more + R"(],
        "expressions": {"data": [{"name": "faces", "root": "faces"}], "sizes": [16], "readers": ["small_net"],
                        "restorers": [{"name": "bicubic", "network": "bicubic"}]}})");
}

std::string content(const TemporaryFolder& folder, const std::string& name) {
    return run(folder, "cat " + name).out;
}

TEST(EvaluateTable, WritesTextFiguresAndAPage) {
    const TemporaryFolder folder;
    fill(folder);
    const Ran ran = run(folder, kEvaluate);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.out, "out/small.md\nout/small.json\nout/small.csv\nout/small_expressions.csv\nout/small.html\n");
    EXPECT_EQ(content(folder, "out/small.md").rfind("# A small table\n", 0), 0U);
    const Json json = Json::parse(content(folder, "out/small.json"));
    EXPECT_EQ(json["rows"].size(), 1U);
    EXPECT_EQ(json["expressions"].size(), 1U);
    EXPECT_NE(content(folder, "out/small.html").find("<svg "), std::string::npos);
    EXPECT_NE(content(folder, "out/small.csv").find("psnr_y_gain"), std::string::npos);
    EXPECT_NE(content(folder, "out/small_expressions.csv").find("accuracy_difference"), std::string::npos);
}

TEST(EvaluateTable, AMissingModelIsExitCode3AndTheRestIsThere) {
    const TemporaryFolder folder;
    fill(folder, R"(, {"name": "EDSR", "network": "edsr", "models": ["edsr.safetensors"]})");
    const Ran ran = run(folder, std::string(kEvaluate) + "--models nowhere");
    EXPECT_EQ(ran.exit_code, 3);
    EXPECT_NE(ran.err.find("EDSR: "), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("nowhere/edsr.safetensors"), std::string::npos) << ran.err;
    const Json json = Json::parse(content(folder, "out/small.json"));
    ASSERT_EQ(json["rows"].size(), 2U);
    EXPECT_EQ(json["rows"][0]["n"], 2);
    EXPECT_TRUE(json["rows"][1]["error"].is_string());
}

TEST(EvaluateTable, ASecondRunKeepsWhatIsFinished) {
    const TemporaryFolder folder;
    fill(folder);
    ASSERT_EQ(run(folder, kEvaluate).exit_code, 0);
    ASSERT_EQ(run(folder, std::string(kEvaluate) + "--quiet").exit_code, 0);
    const Json json = Json::parse(content(folder, "out/small.json"));
    EXPECT_NE(json["provenance"]["command"].get<std::string>().find("--quiet"), std::string::npos);
    EXPECT_EQ(json["rows"][0]["made_by"]["command"].get<std::string>().find("--quiet"), std::string::npos);
}

TEST(EvaluateTable, TheRecipeIsNotWrittenOnto) {
    const TemporaryFolder folder;
    fill(folder);
    const Ran ran = run(folder, "affectsr evaluate table tables/small.json --data data -o tables");
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_NE(ran.err.find("output_is_input"), std::string::npos) << ran.err;
    EXPECT_EQ(run(folder, "affectsr evaluate table tables/small.json --data data").exit_code, 2) << "no output";
    EXPECT_EQ(run(folder, "affectsr evaluate table nothing.json -o out").exit_code, 3);
}

}  // namespace
}  // namespace affectsr::cli
