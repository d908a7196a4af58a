#include "affectsr/cli/evaluate_steadiness.h"

#include <gtest/gtest.h>

#include "affectsr/image/codec.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

// Already cropped, every picture is one face: the whole path without a detector.
constexpr const char* kSteadiness = "affectsr evaluate steadiness --already-cropped --precision f32 ";

TEST(EvaluateSteadiness, CountsTheFacesOfEveryVariant) {
    const TemporaryFolder folder;
    for (int i = 0; i < 3; ++i)
        folder.fill("photos/" + std::to_string(i) + ".png", text_of(encode_png(stripes(48, 48, i))));
    const Ran ran = run(folder, std::string(kSteadiness) + "photos --format json -o steadiness.json");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    const Json report = Json::parse(content_of(folder / "steadiness.json"));
    ASSERT_EQ(report["rows"].size(), 3u);
    for (const Json& row : report["rows"]) {
        EXPECT_EQ(row["photos"], 3);
        EXPECT_EQ(row["compared"], 3) << row;
        EXPECT_EQ(row["not_found"], 0);
    }
    EXPECT_EQ(report["photos"].size(), 3u);
    EXPECT_EQ(report["provenance"]["options"]["views"], 1);
    EXPECT_EQ(report["provenance"]["options"]["jpeg_quality"], 75);
    EXPECT_EQ(report["provenance"]["model_sha256"].get<std::string>().size(), 64u);
}

TEST(EvaluateSteadiness, TwoViewsNeverFlipInTheMirror) {
    const TemporaryFolder folder;
    for (int i = 0; i < 12; ++i)
        folder.fill("photos/" + std::to_string(i) + ".png", text_of(encode_png(stripes(40, 40, i))));
    const Ran ran = run(folder, std::string(kSteadiness) + "photos --views 2 --format json");
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    const Json rows = Json::parse(ran.out)["rows"];
    EXPECT_EQ(rows[2]["variant"], "mirror");
    EXPECT_EQ(rows[2]["compared"], 12);
    EXPECT_EQ(rows[2]["flipped"], 0);
}

TEST(EvaluateSteadiness, PhotosThatCannotBeReadAreFailedInputs) {
    const TemporaryFolder folder;
    folder.fill("a.png", text_of(encode_png(stripes(48, 48))));
    folder.fill("b.png", "no picture");
    const Ran ran = run(folder, std::string(kSteadiness) + "a.png b.png gone.png --format json");
    EXPECT_EQ(ran.exit_code, 3) << ran.err;
    const Json report = Json::parse(ran.out);
    EXPECT_EQ(report["rows"][0]["photos"], 1);
    EXPECT_EQ(report["failed_inputs"].size(), 2u);
    EXPECT_NE(ran.err.find("2 inputs failed"), std::string::npos) << ran.err;
}

TEST(EvaluateSteadiness, AReportIsNotWrittenOntoAPhoto) {
    const TemporaryFolder folder;
    folder.fill("a.png", text_of(encode_png(stripes(48, 48))));
    const Ran ran = run(folder, std::string(kSteadiness) + "a.png -o a.png --overwrite");
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_NE(ran.err.find("output_is_input"), std::string::npos) << ran.err;
    EXPECT_EQ(run(folder, std::string(kSteadiness) + "- <a.png").exit_code, 2) << "not from stdin";
}

}  // namespace
}  // namespace affectsr::cli
