#include "affectsr/cli/models_calibrate.h"

#include <gtest/gtest.h>

#include "affectsr/face/expression.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/program/run_affectsr.h"
#include "affectsr/weights/model_file.h"

namespace affectsr::cli {
namespace {

/// A data set of 28 made-up faces, four of each label.
void fill_dataset(const TemporaryFolder& folder) {
    std::string list = "path,label,split\n";
    for (int i = 0; i < 28; ++i) {
        const std::string name = std::to_string(i) + ".png";
        folder.fill("set/" + name, text_of(encode_png(stripes(48, 48, i))));
        list += name + "," + name_of(static_cast<Emotion>(i % 7)) + ",test\n";
    }
    folder.fill("set/manifest.csv", list);
}

constexpr const char* kCalibrate =
    "affectsr models calibrate small_net --dataset manifest --data set --sizes 48,24 --least-faces 20 ";

TEST(ModelsCalibrate, WritesTemperaturesAndLeavesTheWeights) {
    const TemporaryFolder folder;
    fill_dataset(folder);
    const Ran ran = run(folder, std::string(kCalibrate) + "-o new.safetensors --format json");
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    const Json report = Json::parse(ran.out);
    ASSERT_EQ(report["rows"].size(), 4u);
    for (const char* key : {"temperature", "nll_before", "nll", "ece_before", "ece", "n", "accuracy"})
        EXPECT_TRUE(report["rows"][0][key].is_number()) << key;
    const ModelFile made = ModelFile::open(folder / "new.safetensors");
    EXPECT_EQ(made.card.heads["expression"]["temperatures"]["1"].size(), 2u);
    const Ran compared = run(folder, "affectsr models info small_net new.safetensors --format json");
    ASSERT_EQ(compared.exit_code, 0) << compared.err;
    const Json changes = Json::parse(compared.out);
    EXPECT_EQ(changes["same_weights"], true);
    EXPECT_NE(changes["card"].get<std::string>().find("heads.expression.temperatures"), std::string::npos);
}

TEST(ModelsCalibrate, TheNewModelAnswersWithTheSameLabels) {
    const TemporaryFolder folder;
    fill_dataset(folder);
    const Ran ran =
        run(folder, std::string(kCalibrate) +
                        "-o new.safetensors >/dev/null && affectsr evaluate sizes --data set --sizes 48,24,8 "
                        "--against new.safetensors --format json");
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    const Json report = Json::parse(ran.out);
    for (const Json& row : report["rows"]) {
        EXPECT_EQ(row["same_label"], row["n"]);
        EXPECT_EQ(row["accuracy_difference"], 0.0);
        EXPECT_NE(row["ece_a"], row["ece_b"]) << "the probabilities are others";
    }
    EXPECT_EQ(report["models"]["b"]["file"], "new.safetensors");
    EXPECT_NE(report["models"]["a"]["sha256"], report["models"]["b"]["sha256"]);
}

TEST(ModelsCalibrate, NothingIsWrittenOntoAModelUnasked) {
    const TemporaryFolder folder;
    fill_dataset(folder);
    const Ran ran =
        run(folder,
            "cp $AFFECTSR_MODELS/small_net.safetensors a.safetensors; cp a.safetensors b.safetensors\n"
            "ln a.safetensors c.safetensors\n"
            "command='affectsr models calibrate a.safetensors --dataset manifest --data set -o'\n"
            "$command b.safetensors; $command a.safetensors --overwrite; $command c.safetensors --overwrite\n"
            "$command new.txt; cmp a.safetensors b.safetensors");
    EXPECT_EQ(ran.exit_code, 0) << "both are as they were\n" << ran.err;
    for (const char* code : {"output_exists", "output_is_input", "-o MODEL2.safetensors"})
        EXPECT_NE(ran.err.find(code), std::string::npos) << code << "\n" << ran.err;
}

TEST(ModelsCalibrate, RefusalsTellWhatIsMissing) {
    const TemporaryFolder folder;
    fill_dataset(folder);
    const std::string calibrate = "affectsr models calibrate small_net -o new.safetensors ";
    const Ran no_data = run(folder, calibrate), no_recipe = run(folder, calibrate + "--data set"),
              few = run(folder, calibrate + "--data set --dataset manifest --sizes 48 --least-faces 29");
    EXPECT_EQ(no_data.exit_code, 2);
    EXPECT_NE(no_data.err.find("--data FOLDER"), std::string::npos) << no_data.err;
    EXPECT_EQ(no_recipe.exit_code, 2);
    EXPECT_NE(no_recipe.err.find("no_recipe"), std::string::npos) << no_recipe.err;
    EXPECT_EQ(few.exit_code, 3);
    EXPECT_NE(few.err.find("too_few_faces"), std::string::npos) << few.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "new.safetensors"));
}

TEST(ModelsCalibrate, AStoppedRunWritesNothing) {
    const TemporaryFolder folder;
    fill_dataset(folder);
    std::string list = "path,label,split\n";
    for (int i = 0; i < 20000; ++i) list += "1.png,happiness,test\n";
    folder.fill("set/manifest.csv", list);
    folder.fill("old.safetensors", "old");
    // After a fifth of a second of processor time it has begun to read.
    const Ran ran =
        run(folder, AFFECTSR_PROGRAM
            " models calibrate small_net --dataset manifest --data set --batch 1 --threads 1 --overwrite -o "
            "old.safetensors & until [ $(cut -d' ' -f14 /proc/$!/stat) -gt 20 ]; do :; done; kill -INT $!; wait $!");
    EXPECT_EQ(ran.exit_code, 130) << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(content_of(folder / "old.safetensors"), "old");
}

}  // namespace
}  // namespace affectsr::cli
