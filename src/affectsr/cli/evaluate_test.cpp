#include "affectsr/cli/evaluate.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "affectsr/face/expression.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/program/run_affectsr.h"

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
    EXPECT_EQ(ran.exit_code, 3) << "one picture is gone\n" << ran.err;
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
    ASSERT_EQ(report["failed_inputs"].size(), 1u);
    EXPECT_EQ(report["failed_inputs"][0]["path"], "set/gone.png");
    EXPECT_EQ(report["failed_inputs"][0]["row"], 9);
}

TEST(Evaluate, ASoundDataSetEndsWithNothingOnStderr) {
    const TemporaryFolder folder;
    fill_dataset(folder);
    const Ran ran = run(folder, "sed -i '/gone/d' set/manifest.csv\n" + std::string(kSizes));
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_EQ(ran.err, "");
}

TEST(Evaluate, FailedPicturesAreNamedAFewAndCountedAfterTheReport) {
    const TemporaryFolder folder;
    std::string list = "path,label,split\n";
    for (int i = 0; i < 30; ++i) list += "broken" + std::to_string(i) + ".png,fear,test\n";
    folder.fill("set/manifest.csv", list);
    folder.fill("set/broken0.png", "no picture");
    const Ran ran = run(folder, std::string(kSizes) + "--format csv");
    EXPECT_EQ(ran.exit_code, 3) << "all of them failed";
    EXPECT_EQ(ran.out.rfind("size,", 0), 0u) << "the report is written all the same";
    EXPECT_NE(ran.err.find("broken0.png"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("30 inputs failed: "), std::string::npos) << ran.err;
    EXPECT_LE(std::count(ran.err.begin(), ran.err.end(), '\n'), 12) << ran.err;
}

TEST(Evaluate, AClassThatCannotBeEnteredIsAFailedInput) {
    const TemporaryFolder folder;
    folder.fill("set/test/happy/1.png", text_of(encode_png(stripes(48, 48))));
    const Ran ran = run(folder,
                        "ln -s nowhere set/test/angry\n"
                        "affectsr evaluate sizes --dataset fer2013_folders --data set --sizes 48 --format json");
    EXPECT_EQ(ran.exit_code, 3) << ran.err;
    EXPECT_NE(ran.err.find("set/test/angry"), std::string::npos) << ran.err;
    const Json report = Json::parse(ran.out);
    EXPECT_EQ(report["provenance"]["dataset_unreadable"], 1);
    EXPECT_EQ(report["failed_inputs"][0]["code"], "not_entered");
    EXPECT_EQ(report["rows"][0]["n"], 1);
}

TEST(Evaluate, EveryFaceHasARowPerSize) {
    const TemporaryFolder folder;
    fill_dataset(folder);
    EXPECT_EQ(run(folder, std::string(kSizes) + "--faces faces.jsonl -o report.md").exit_code, 3);
    const std::vector<Json> rows = rows_of(content_of(folder / "faces.jsonl"));
    ASSERT_EQ(rows.size(), 16u);
    EXPECT_EQ(rows[0]["size"], 48);
    EXPECT_EQ(rows[0]["path"], "set/0.png");
    EXPECT_EQ(rows[0]["truth"], "neutral");
    EXPECT_EQ(rows[15]["size"], 12);
    EXPECT_EQ(rows[15]["status"], "failed");
    EXPECT_EQ(run(folder, std::string(kSizes) + "--faces both -o both").exit_code, 2) << "one file for two results";
}

TEST(Evaluate, NothingIsWrittenOntoWhatIsRead) {
    const TemporaryFolder folder;
    fill_dataset(folder);
    run(folder, "mkdir models; cp $AFFECTSR_MODELS/* models; ln set/1.png linked.png; cp -r set before");
    for (const char* output : {"set/0.png", "set/manifest.csv", "linked.png", "models/small_net.safetensors"}) {
        for (const char* flag : {"-o ", "--faces "}) {
            const Ran ran =
                run(folder, "AFFECTSR_MODELS=$PWD/models " + std::string(kSizes) + "--overwrite " + flag + output);
            EXPECT_EQ(ran.exit_code, 2) << output << ran.err;
            EXPECT_NE(ran.err.find("output_is_input"), std::string::npos) << ran.err;
        }
    }
    EXPECT_EQ(
        run(folder, "diff -r set before && cmp models/small_net.safetensors $AFFECTSR_MODELS/small_net.safetensors")
            .exit_code,
        0);
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(run(folder, std::string(kSizes) + "--overwrite -o set/report.md").exit_code, 3)
            << "a report may lie there";
}

TEST(Evaluate, AStoppedRunLeavesTheOldReport) {
    for (const auto& [signal, code] : {std::pair{"INT", 130}, std::pair{"TERM", 143}}) {
        const TemporaryFolder folder;
        fill_dataset(folder);
        folder.fill("report.json", "old report\n");
        folder.fill("faces.jsonl", "old faces\n");
        std::string list = "path,label,split\n";
        for (int i = 0; i < 20000; ++i) list += "1.png,happiness,test\n";
        folder.fill("set/manifest.csv", list);
        const Ran ran =
            run(folder, AFFECTSR_PROGRAM
                            " evaluate sizes --data set --sizes 48,12 --batch 1 --threads 1 --format json --overwrite "
                            "-o report.json --faces faces.jsonl & until [ -e faces.jsonl.part ]; do sleep 0.01; done; "
                            "kill -" +
                            std::string(signal) + " $!; wait $!");
        EXPECT_EQ(ran.exit_code, code) << ran.err;
        EXPECT_EQ(content_of(folder / "report.json"), "old report\n");
        EXPECT_EQ(content_of(folder / "faces.jsonl"), "old faces\n");
        const Json part = Json::parse(content_of(folder / "report.json.part"));
        EXPECT_EQ(part["interrupted"], true);
        EXPECT_EQ(part["faces"]["asked"], 20000);
        EXPECT_EQ(part["faces"]["judged"], part["rows"][0]["n"]);
        EXPECT_NE(ran.err.find("report.json.part"), std::string::npos) << ran.err;
    }
}

TEST(Evaluate, ThePrecisionIsTheOneThatWasUsed) {
    const TemporaryFolder folder;
    fill_dataset(folder);
    for (const char* asked : {"bf16", "auto"}) {
        const Ran ran =
            run(folder, "ONEDNN_MAX_CPU_ISA=AVX2 " + std::string(kSizes) + "--format json --precision " + asked);
        const Json made_by = Json::parse(ran.out)["provenance"];
        EXPECT_EQ(made_by["precision"], "f32");
        EXPECT_EQ(made_by["precision_asked"], asked);
        EXPECT_EQ(made_by["options"]["precision"], "f32");
    }
}

TEST(Evaluate, TheReportNamesTheViews) {
    const TemporaryFolder folder;
    fill_dataset(folder);
    const Json one = Json::parse(run(folder, std::string(kSizes) + "--format json").out),
               two = Json::parse(run(folder, std::string(kSizes) + "--format json --views 2").out);
    EXPECT_EQ(one["provenance"]["options"]["views"], 1);
    EXPECT_EQ(two["provenance"]["options"]["views"], 2);
    EXPECT_NE(one["rows"][0]["mean_confidence"], two["rows"][0]["mean_confidence"]);
    const Ran three = run(folder, std::string(kSizes) + "--views 3");
    EXPECT_EQ(three.exit_code, 2);
    EXPECT_NE(three.err.find("from 1 to 2"), std::string::npos) << three.err;
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

TEST(Evaluate, NothingThatCanBeTypedIsAnInternalError) {
    const TemporaryFolder folder;
    fill_dataset(folder);
    folder.fill("one/manifest.csv", "path,label,split\n../set/1.png,fear,test\n");
    folder.fill("empty/manifest.csv", "path,label,split\n");
    folder.fill("unlabelled/manifest.csv", "path,label\n1.png,\n");
    for (const char* flags : {"--sizes ''",
                              "--sizes 48,,12",
                              "--sizes 1025",
                              "--sizes '[48,\"x\"]'",
                              "--sizes '[[48]]'",
                              "--sizes 4294967344",
                              "--limit -1",
                              "--batch 0",
                              "--threads 1025",
                              "--seed 1.5",
                              "--truth votes",
                              "--head nobody",
                              "--classifier ''",
                              "--classifier-model set/0.png",
                              "--restorer rrdb",
                              "--dataset ''",
                              "--dataset raf_db",
                              "--dataset ck_plus",
                              "--dataset fer2013_folders",
                              "--data one",
                              "--data empty",
                              "--data unlabelled",
                              "--data $'\\xff'",
                              "--split $'\\xff'",
                              "-o set",
                              "--faces /dev/full",
                              "-o /dev/full"}) {
        const Ran ran =
            run(folder, "affectsr evaluate sizes " +
                            std::string(std::string(flags).rfind("--data ", 0) == 0 ? "" : "--data set ") + flags);
        EXPECT_TRUE(ran.exit_code >= 2 && ran.exit_code <= 5) << flags << ": " << ran.exit_code << ran.err;
        EXPECT_EQ(ran.err.find("internal"), std::string::npos) << flags << ran.err;
        EXPECT_NE(ran.err, "") << flags;
    }
}

TEST(Evaluate, AFailedRunLeavesNoReportBehind) {
    const TemporaryFolder folder;
    EXPECT_NE(run(folder, "affectsr evaluate sizes --data nowhere --output report.md").exit_code, 0);
    EXPECT_FALSE(std::filesystem::exists(folder / "report.md"));
}

}  // namespace
}  // namespace affectsr::cli
