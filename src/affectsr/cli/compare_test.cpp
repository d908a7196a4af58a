#include "affectsr/cli/compare.h"

#include <gtest/gtest.h>

#include "affectsr/image/codec.h"
#include "affectsr/image/resize.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

// The judge has learned nothing, so that its answers are never far apart; detector and landmarker are the shipped ones.
constexpr const char* kCompare = "export AFFECTSR_MODELS=" AFFECTSR_SHIPPED_MODELS
                                 "\naffectsr compare --judge small_net=judge.safetensors "
                                 "--precision f32 --already-cropped ";

/// Two cropped faces, and both twice as large.
void fill(const TemporaryFolder& folder) {
    for (int i = 0; i < 2; ++i) {
        const Image face = stripes(48, 48, i);
        folder.fill("before/" + std::to_string(i) + ".png", text_of(encode_png(face)));
        folder.fill("after/" + std::to_string(i) + "_out.png",
                    text_of(encode_png(resize(face, {96, 96}, Filter::bicubic))));
    }
    ASSERT_EQ(run(folder, std::string(AFFECTSR_RANDOM_MODEL) + " judge.safetensors").exit_code, 0);
}

TEST(Compare, FoldersGiveRowsFiguresAndAPage) {
    const TemporaryFolder folder;
    fill(folder);
    const Ran ran = run(folder, std::string(kCompare) + "before after -o drift.json --report drift.html");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    const Json report = Json::parse(content_of(folder / "drift.json"));
    ASSERT_EQ(report["faces"].size(), 2U);
    EXPECT_EQ(report["faces"][1]["before"], "before/1.png");
    EXPECT_EQ(report["faces"][1]["after"], "after/1_out.png");
    EXPECT_EQ(report["faces"][1]["status"], "compared");
    EXPECT_EQ(report["rows"][0]["faces"], 2);
    EXPECT_EQ(report["judges"]["small_net=judge.safetensors"].get<std::string>().size(), 64U);
    EXPECT_EQ(report["models"]["landmark_net"].get<std::string>().size(), 64U);
    const std::string page = content_of(folder / "drift.html");
    EXPECT_EQ(page.find("<!DOCTYPE html>"), 0U);
    EXPECT_NE(page.find("before/1.png"), std::string::npos);
}

TEST(Compare, EveryFormatHasEveryFace) {
    const TemporaryFolder folder;
    fill(folder);
    const std::string line = std::string(kCompare) + "before after --format ";
    EXPECT_EQ(rows_of(run(folder, line + "jsonl").out).size(), 2U);
    const std::string csv = run(folder, line + "csv").out;
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
    const std::string text = run(folder, line + "text").out;
    EXPECT_NE(text.find("before/0.png → after/0_out.png: 1 face"), std::string::npos) << text;
    EXPECT_NE(text.find("2 faces compared"), std::string::npos) << text;
    EXPECT_NE(run(folder, line + "markdown").out.find("| flip rate |"), std::string::npos);
}

TEST(Compare, SafeCsvIsOffered) {
    const TemporaryFolder folder;
    fill(folder);
    std::filesystem::rename(folder / "before", folder / "=before");
    const std::string line = std::string(kCompare) + "=before after --format ";
    EXPECT_NE(run(folder, line + "csv").out.find("\n=before/0.png,"), std::string::npos);
    EXPECT_NE(run(folder, line + "csv --csv-safe").out.find("\n'=before/0.png,"), std::string::npos);
    EXPECT_EQ(run(folder, line + "json --csv-safe").exit_code, 2);
}

TEST(Compare, WhatCannotBeComparedIsARowAndExitCode3) {
    const TemporaryFolder folder;
    fill(folder);
    folder.fill("before/2.png", "no picture");
    folder.fill("after/2.png", text_of(encode_png(stripes(96, 96))));
    folder.fill("after/3.png", text_of(encode_png(stripes(96, 96))));
    folder.fill("before/4.png", text_of(encode_png(stripes(48, 48))));
    folder.fill("after/4.png", text_of(encode_png(stripes(96, 48))));
    const Ran ran = run(folder, std::string(kCompare) + "before after --format jsonl");
    EXPECT_EQ(ran.exit_code, 3);
    const std::vector<Json> rows = rows_of(ran.out);
    ASSERT_EQ(rows.size(), 5U);
    EXPECT_EQ(rows[2]["error"]["code"], "unknown_format");
    EXPECT_EQ(rows[3]["error"]["code"], "other_shape");
    EXPECT_EQ(rows[4]["error"]["code"], "no_partner");
    EXPECT_TRUE(rows[4]["before"].is_null());
    EXPECT_NE(ran.err.find("3 inputs failed"), std::string::npos) << ran.err;
}

TEST(Compare, TooManyFlipsAreExitCode3) {
    const TemporaryFolder folder;
    fill(folder);
    EXPECT_EQ(run(folder, std::string(kCompare) + "before after --max-flip 0").exit_code, 0);
    // A picture of one grey level can no longer be read: a flip.
    folder.fill("after/1_out.png", text_of(encode_png(Image(96, 96, 90))));
    const Ran ran = run(folder, std::string(kCompare) + "before after --max-flip 0.4");
    EXPECT_EQ(ran.exit_code, 3);
    EXPECT_NE(ran.err.find("flip rate 0.5000 (1 flips"), std::string::npos) << ran.err;
    EXPECT_EQ(run(folder, std::string(kCompare) + "before after --max-flip 0.5").exit_code, 0) << "it may be as high";
    folder.fill("before/1.png", text_of(encode_png(Image(48, 48, 90))));
    folder.fill("before/0.png", text_of(encode_png(Image(48, 48, 90))));
    const Ran nothing = run(folder, std::string(kCompare) + "before after --max-flip 0.5");
    EXPECT_EQ(nothing.exit_code, 3) << "where nothing was read nothing is shown";
    EXPECT_NE(nothing.err.find("cannot be judged"), std::string::npos) << nothing.err;
}

TEST(Compare, AListSaysWhatBelongsTogether) {
    const TemporaryFolder folder;
    fill(folder);
    folder.fill("pairs.csv", "before,after\n0.png,1_out.png\n");
    const Ran ran = run(folder, std::string(kCompare) + "before after --pairs pairs.csv --format jsonl");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    ASSERT_EQ(rows_of(ran.out).size(), 1U);
    EXPECT_EQ(rows_of(ran.out)[0]["after"], "after/1_out.png");
}

TEST(Compare, SeveralJudgesMayBeNamedOneByOne) {
    const TemporaryFolder folder;
    fill(folder);
    const Ran ran = run(folder, std::string(kCompare) + "--judge judge.safetensors before after --format jsonl");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    ASSERT_EQ(rows_of(ran.out).size(), 4U);
    EXPECT_EQ(rows_of(ran.out)[1]["judge"], "judge.safetensors");
}

TEST(Compare, NothingThatIsReadIsWrittenOnto) {
    const TemporaryFolder folder;
    fill(folder);
    folder.fill("pairs.csv", "before,after\n0.png,0_out.png\n");
    for (const char* output : {"-o before/0.png", "--report after/0_out.png", "-o judge.safetensors",
                               "--pairs pairs.csv --report pairs.csv", "-o same.txt --report same.txt"}) {
        const Ran ran = run(folder, std::string(kCompare) + "before after --overwrite " + output);
        EXPECT_EQ(ran.exit_code, 2) << output;
        EXPECT_NE(ran.err.find("output_is_input"), std::string::npos) << ran.err;
    }
    EXPECT_EQ(run(folder, std::string(kCompare) + "before before").exit_code, 2);
    EXPECT_EQ(run(folder, std::string(kCompare) + "before after/0_out.png").exit_code, 2);
}

}  // namespace
}  // namespace affectsr::cli
