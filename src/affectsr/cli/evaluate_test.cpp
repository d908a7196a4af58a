#include "affectsr/cli/evaluate.h"

#include <gtest/gtest.h>

#include "affectsr/cli/run_affectsr.h"
#include "affectsr/face/expression.h"

namespace affectsr::cli {
namespace {

/// A data set of seven made-up faces, one of each label, and one that cannot be read.
void fill_dataset(const TemporaryFolder& folder) {
    std::string list = "path,label,split\n";
    int i = 0;
    for (const Emotion emotion : seven_emotions()) {
        const std::string name = std::to_string(i) + ".png";
        folder.fill("set/" + name, text_of(encode_png(stripes(48, 48, i++))));
        list += name + "," + name_of(emotion) + ",test\n";
    }
    folder.fill("set/manifest.csv", list + "gone.png,fear,test\n");
}

constexpr const char* kSizes = "affectsr evaluate sizes --data set --split test --sizes 48,12 ";

TEST(Evaluate, JsonHasProvenanceAndARowPerSize) {
    const TemporaryFolder folder;
    fill_dataset(folder);
    const Ran ran = run(folder, std::string(kSizes) + "--format json --output report.json");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.out, "");
    const Json report = Json::parse(content_of(folder / "report.json"));
    EXPECT_EQ(report["provenance"]["split"], "test");
    EXPECT_NE(report["provenance"]["command"].get<std::string>().find("evaluate sizes --data set"), std::string::npos);
    ASSERT_EQ(report["rows"].size(), 2u);
    for (const char* key : {"size", "n", "left_out", "accuracy", "macro_f1", "balanced_accuracy", "ece", "confusion"})
        EXPECT_TRUE(report["rows"][0].contains(key)) << key;
    EXPECT_EQ(report["rows"][0]["size"], 48);
    EXPECT_EQ(report["rows"][1]["size"], 12);
    EXPECT_EQ(report["rows"][0]["n"], 8);
    EXPECT_EQ(report["rows"][0]["failed"], 1);
}

TEST(Evaluate, MarkdownAndCsvGoToStdout) {
    const TemporaryFolder folder;
    fill_dataset(folder);
    EXPECT_EQ(run(folder, kSizes).out.rfind("# Accuracy by face size", 0), 0u);
    EXPECT_EQ(run(folder, std::string(kSizes) + "--format csv").out.rfind("size,", 0), 0u);
}

TEST(Evaluate, WhatIsNotThereIsNamed) {
    const TemporaryFolder folder;
    fill_dataset(folder);
    const Ran split = run(folder, "affectsr evaluate sizes --data set --split dev");
    EXPECT_EQ(split.exit_code, 2);
    EXPECT_NE(split.err.find("test"), std::string::npos) << split.err;
    EXPECT_EQ(run(folder, "affectsr evaluate sizes --data nowhere").exit_code, 3);
    EXPECT_EQ(run(folder, "affectsr evaluate sizes").exit_code, 2);
    EXPECT_EQ(run(folder, "affectsr evaluate sizes --data set --dataset magic").exit_code, 2);
}

TEST(Evaluate, AFailedRunLeavesNoReportBehind) {
    const TemporaryFolder folder;
    EXPECT_NE(run(folder, "affectsr evaluate sizes --data nowhere --output report.md").exit_code, 0);
    EXPECT_FALSE(std::filesystem::exists(folder / "report.md"));
}

}  // namespace
}  // namespace affectsr::cli
