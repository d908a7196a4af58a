#include "affectsr/cli/evaluate_restoration.h"

#include <gtest/gtest.h>

#include "affectsr/image/encode.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

constexpr const char* kEvaluate = "affectsr evaluate restoration --data faces --judge small_net=judge.safetensors ";

/// Two pictures, and a judge that has learned nothing.
void fill(const TemporaryFolder& folder) {
    std::string manifest = "path,split\n";
    for (int i = 0; i < 2; ++i) {
        const std::string name = std::to_string(i) + ".png";
        folder.fill("faces/" + name, text_of(encode_png(stripes(128, 128, i))));
        manifest += name + ",val\n";
    }
    folder.fill("faces/manifest.csv", manifest);
    ASSERT_EQ(run(folder, std::string(AFFECTSR_RANDOM_MODEL) + " judge.safetensors").exit_code, 0);
}

TEST(EvaluateRestoration, AReportHasARowForEveryRestorerAndTellsTheConventions) {
    const TemporaryFolder folder;
    fill(folder);
    const Ran ran = run(folder, std::string(kEvaluate) + "--scale 8 --restorer bicubic --format json");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    const Json report = Json::parse(ran.out);
    ASSERT_EQ(report["rows"].size(), 1U);
    const Json& row = report["rows"][0];
    EXPECT_EQ(row["restorer"], "bicubic");
    EXPECT_EQ(row["scale"], 8);
    EXPECT_EQ(row["n"], 2);
    for (const char* key : {"psnr_y", "psnr_rgb", "ssim_y", "ecm", "flip_rate", "ms_per_face"})
        EXPECT_TRUE(row[key].is_number()) << key;
    EXPECT_EQ(report["judges"]["small_net=judge.safetensors"].get<std::string>().size(), 64U);
    EXPECT_EQ(report["provenance"]["options"]["ecm_histogram"], "density");
    const Ran markdown = run(folder, std::string(kEvaluate) + "--ecm-bins 20 --ecm-logarithm decimal");
    EXPECT_NE(markdown.out.find("log10(L_conf)"), std::string::npos) << markdown.out;
    EXPECT_NE(markdown.out.find("20 bins"), std::string::npos) << markdown.out;
}

TEST(EvaluateRestoration, APictureThatCannotBeReadIsAFailedInput) {
    const TemporaryFolder folder;
    fill(folder);
    folder.fill("faces/1.png", "no picture");
    const Ran ran = run(folder, kEvaluate);
    EXPECT_EQ(ran.exit_code, 3);
    EXPECT_NE(ran.out.find("| 4 | 1 |"), std::string::npos) << ran.out;
}

TEST(EvaluateRestoration, NothingThatIsReadIsWrittenOnto) {
    const TemporaryFolder folder;
    fill(folder);
    EXPECT_EQ(run(folder, std::string(kEvaluate) + "-o judge.safetensors --overwrite").exit_code, 2);
    EXPECT_EQ(run(folder, std::string(kEvaluate) + "-o faces/0.png --overwrite").exit_code, 2);
    EXPECT_EQ(run(folder, "affectsr evaluate restoration").exit_code, 2) << "no data set is named";
}

}  // namespace
}  // namespace affectsr::cli
