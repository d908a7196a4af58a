#include "affectsr/cli/train.h"

#include <gtest/gtest.h>

#include "affectsr/cli/run_affectsr.h"

namespace affectsr::cli {
namespace {

/// Sixteen made-up faces and a recipe for a network of a few thousand weights.
void fill_recipe(const TemporaryFolder& folder, int epochs) {
    std::string list = "path,label,split\n";
    for (int i = 0; i < 16; ++i) {
        const std::string name = std::to_string(i) + ".png";
        folder.fill("data/set/" + name, text_of(encode_png(stripes(24, 24, i))));
        list += name + "," + (i % 2 == 0 ? "happiness" : "fear") + ",train\n";
    }
    folder.fill("data/set/manifest.csv", list);
    const Json recipe = {
        {"name", "tiny"},
        {"network", {{"name", "small_net"}, {"options", {{"input_px", 16}, {"widths", {8}}, {"depths", {1}}}}}},
        {"data", {{{"options", {{"root", "set"}, {"split", "train"}}}, {"expression", "label"}}}},
        {"losses", {Json::object()}},
        {"validation", {{"sizes", {16, 8}}, {"share", 0.25}}},
        {"epochs", epochs},
        {"batch_size", 4},
        {"precision", "f32"}};
    folder.fill("tiny.json", recipe.dump());
}

TEST(Train, ARecipeBecomesAModelThatVerifies) {
    const TemporaryFolder folder;
    fill_recipe(folder, 2);
    const Ran ran = run(folder,
                        "affectsr train tiny.json --data data -o out --threads 1 && "
                        "affectsr models verify out/tiny.safetensors");
    EXPECT_EQ(ran.exit_code, 0) << ran.err << ran.out;
    EXPECT_EQ(ran.out.rfind("out/tiny.safetensors\n", 0), 0u) << ran.out;
    EXPECT_NE(ran.err.find("affectsr: trained: "), std::string::npos) << ran.err;
}

TEST(Train, AnInterruptSavesACheckpointToGoOnFrom) {
    const TemporaryFolder folder;
    fill_recipe(folder, 100000);
    const Ran ran = run(folder, AFFECTSR_PROGRAM
                        " train tiny.json --data data -o out --threads 1 & "
                        "until [ -s out/tiny.log.jsonl ]; do sleep 0.01; done; kill -INT $!; wait $!");
    EXPECT_EQ(ran.exit_code, 130) << ran.err;
    EXPECT_TRUE(std::filesystem::exists(folder / "out/tiny.checkpoint.safetensors"));
    EXPECT_FALSE(std::filesystem::exists(folder / "out/tiny.safetensors"));
    EXPECT_NE(ran.err.find("stopped by SIGINT (--resume goes on)"), std::string::npos) << ran.err;
    const Ran again = run(folder, "affectsr train tiny.json --data data -o out");
    EXPECT_EQ(again.exit_code, 2) << "a checkpoint is there, and --resume was not given";
}

TEST(Train, AWrongRecipeIsRefusedByFileAndKey) {
    const TemporaryFolder folder;
    folder.fill("wrong.json", R"({"epoch": 3})");
    folder.fill("text.json", "epochs = 3");
    const Ran wrong = run(folder, "affectsr train wrong.json");
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_NE(wrong.err.find("wrong.json: unknown setting \"epoch\"; known are: "), std::string::npos) << wrong.err;
    EXPECT_EQ(run(folder, "affectsr train text.json").exit_code, 3);
    EXPECT_EQ(run(folder, "affectsr train gone.json").exit_code, 3);
}

}  // namespace
}  // namespace affectsr::cli
