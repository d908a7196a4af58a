#include "affectsr/train_cli/train.h"

#include <gtest/gtest.h>

#include "affectsr/image/codec.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/program/run_affectsr.h"
#include "affectsr/train/test_port.h"
#include "affectsr/train/world_backend.h"
#include "affectsr/weights/model_file.h"

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
        {"task",
         {{"options",
           {{"network", {{"name", "small_net"}, {"options", {{"input_px", 16}, {"widths", {8}}, {"depths", {1}}}}}},
            {"losses", {Json::object()}}}}}},
        {"data", {{{"options", {{"root", "set"}, {"split", "train"}}}, {"expression", "label"}}}},
        {"validation", {{"sizes", {16, 8}}, {"share", 0.25}}},
        {"epochs", epochs},
        {"batch_size", 4},
        {"precision", "f32"}};
    folder.fill("tiny.json", recipe.dump());
}

TEST(Train, ARecipeBecomesAModelThatVerifies) {
    const TemporaryFolder folder;
    fill_recipe(folder, 2);
    const Ran ran = run(folder, "affectsr-train train tiny.json --data data -o out --threads 1");
    EXPECT_EQ(ran.exit_code, 0) << ran.err << ran.out;
    EXPECT_EQ(ran.out, "out/tiny.safetensors\n");
    EXPECT_EQ(ModelFile::open(folder / "out/tiny.safetensors").card.network, "small_net") << "its hash is right";
    EXPECT_NE(ran.err.find("affectsr: trained: "), std::string::npos) << ran.err;
}

TEST(Train, AnInterruptSavesACheckpointToGoOnFrom) {
    const TemporaryFolder folder;
    fill_recipe(folder, 100000);
    const Ran ran = run(folder, AFFECTSR_TRAIN_PROGRAM
                        " train tiny.json --data data -o out --threads 1 & "
                        "until [ -s out/tiny.log.jsonl ]; do sleep 0.01; done; kill -INT $!; wait $!");
    EXPECT_EQ(ran.exit_code, 130) << ran.err;
    EXPECT_TRUE(std::filesystem::exists(folder / "out/tiny.checkpoint.safetensors"));
    EXPECT_FALSE(std::filesystem::exists(folder / "out/tiny.safetensors"));
    EXPECT_NE(ran.err.find("stopped by SIGINT (--resume goes on)"), std::string::npos) << ran.err;
    const Ran again = run(folder, "affectsr-train train tiny.json --data data -o out");
    EXPECT_EQ(again.exit_code, 2) << "a checkpoint is there, and --resume was not given";
}

constexpr const char* kTrain = "affectsr-train train tiny.json --data data -o out --threads 1 ";

TEST(Train, AModelIsNotReplacedUnasked) {
    const TemporaryFolder folder;
    fill_recipe(folder, 1);
    folder.fill("out/tiny.safetensors", "somebody's model");
    std::filesystem::remove(folder / "data/set/3.png");
    const Ran ran = run(folder, kTrain);
    EXPECT_EQ(ran.exit_code, 2) << "before a picture is read: " << ran.err;
    EXPECT_NE(ran.err.find("out/tiny.safetensors exists; replace it with --overwrite"), std::string::npos) << ran.err;
    EXPECT_EQ(content_of(folder / "out/tiny.safetensors"), "somebody's model");
    fill_recipe(folder, 1);
    EXPECT_EQ(run(folder, std::string(kTrain) + "--overwrite").exit_code, 0);
    EXPECT_NE(content_of(folder / "out/tiny.safetensors"), "somebody's model");
}

TEST(Train, EveryBrokenPictureIsNamedOrSkippedAndCounted) {
    const TemporaryFolder folder;
    fill_recipe(folder, 1);
    folder.fill("data/set/3.png", "no picture");
    std::filesystem::remove(folder / "data/set/11.png");
    const Ran ran = run(folder, kTrain);
    EXPECT_EQ(ran.exit_code, 3);
    for (const char* part : {"3.png", "11.png", "2 pictures of the training data cannot be read", "--skip-broken"})
        EXPECT_NE(ran.err.find(part), std::string::npos) << ran.err;
    const Ran skipped = run(folder, std::string(kTrain) + "--skip-broken");
    EXPECT_EQ(skipped.exit_code, 0) << skipped.err;
    const Json source = ModelFile::open(folder / "out/tiny.safetensors").card.trained_on["sources"][0];
    EXPECT_EQ(source["listed"], 16);
    EXPECT_EQ(source["broken"], 2);
    EXPECT_EQ(source["faces"].get<int>() + source["held_out"].get<int>(), 14);
}

TEST(Train, AFullDiskEndsItWithTheFilesNameAndLeavesTheOldCheckpoint) {
    const TemporaryFolder folder;
    fill_recipe(folder, 2);
    ASSERT_EQ(run(folder, std::string(kTrain) + "&& rm out/tiny.safetensors").exit_code, 0);
    const std::string before = content_of(folder / "out/tiny.checkpoint.safetensors");
    const Ran full = run(folder, "ulimit -f 4; " + std::string(kTrain) + "--overwrite");
    EXPECT_EQ(full.exit_code, 5) << full.err;
    EXPECT_NE(full.err.find("out/tiny.checkpoint.safetensors"), std::string::npos) << full.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "out/tiny.safetensors"));
    const Ran fresh = run(folder, "ulimit -f 4; affectsr-train train tiny.json --data data -o new --threads 1");
    EXPECT_EQ(fresh.exit_code, 5) << fresh.err;
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "new"), {}), 1) << "the log and nothing else";
}

TEST(Train, AnotherRecipeOrOtherDataIsNoReasonToCrashOrToGoOn) {
    const TemporaryFolder folder;
    fill_recipe(folder, 2);
    ASSERT_EQ(run(folder, std::string(kTrain) + "&& rm out/tiny.safetensors").exit_code, 0);
    const std::string list = content_of(folder / "data/set/manifest.csv");
    folder.fill("data/set/manifest.csv", list.substr(0, list.find("12.png")));
    const Ran fewer = run(folder, std::string(kTrain) + "--resume");
    EXPECT_EQ(fewer.exit_code, 2) << fewer.err;
    EXPECT_NE(fewer.err.find("was made from other data (data source \"set\": list_sha256"), std::string::npos)
        << fewer.err;
    EXPECT_NE(fewer.err.find("listed: 16, now 12"), std::string::npos) << fewer.err;
    fill_recipe(folder, 3);
    const Ran longer = run(folder, std::string(kTrain) + "--resume");
    EXPECT_EQ(longer.exit_code, 2) << longer.err;
    EXPECT_NE(longer.err.find("was made by another recipe (epochs: 2, now 3)"), std::string::npos) << longer.err;
    fill_recipe(folder, 2);
    EXPECT_EQ(run(folder, std::string(kTrain) + "--resume").exit_code, 0);
}

TEST(Train, ALossThatWouldTrainNothingIsRefused) {
    const TemporaryFolder folder;
    fill_recipe(folder, 1);
    Json recipe = Json::parse(content_of(folder / "tiny.json"));
    Json& losses = recipe["task"]["options"]["losses"];
    losses = {Json::object(), {{"head", "fer2013"}}};
    folder.fill("tiny.json", recipe.dump());
    const Ran ran = run(folder, kTrain);
    EXPECT_EQ(ran.exit_code, 2) << ran.err;
    EXPECT_NE(ran.err.find("the loss on the head \"fer2013\" would train nothing"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("set with "), std::string::npos) << "the sources are named: " << ran.err;
    losses = {Json::object()};
    recipe["data"][0]["options"]["root"] = 7;
    folder.fill("tiny.json", recipe.dump());
    EXPECT_EQ(run(folder, kTrain).exit_code, 2) << "no internal error";
}

TEST(Train, AWrongRecipeIsRefusedByFileAndKey) {
    const TemporaryFolder folder;
    folder.fill("wrong.json", R"({"epoch": 3})");
    folder.fill("text.json", "epochs = 3");
    const Ran wrong = run(folder, "affectsr-train train wrong.json");
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_NE(wrong.err.find("wrong.json: unknown setting \"epoch\"; known are: "), std::string::npos) << wrong.err;
    EXPECT_EQ(run(folder, "affectsr-train train text.json").exit_code, 3);
    EXPECT_EQ(run(folder, "affectsr-train train gone.json").exit_code, 3);
}

/// What a script needs to start two processes that train together: both in the background, as $first and $second.
std::string two_processes(const std::string& flags) {
    const std::string begin = "WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=" + std::to_string(free_port());
    std::string lines;
    for (const std::string rank : {"0", "1"})
        lines += "RANK=" + rank + " " + begin + " " AFFECTSR_TRAIN_PROGRAM +
                 " train tiny.json --data data -o out --threads 1 " + flags + " >.out" + rank + " 2>.err" + rank +
                 " & " + (rank == "0" ? "first" : "second") + "=$!\n";
    return lines;
}

TEST(Train, TwoProcessesTrainOneModelOfWhichRank0Tells) {
    if (world_backend().empty()) GTEST_SKIP() << "this build has no Gloo";
    const TemporaryFolder folder;
    fill_recipe(folder, 2);
    const Ran ran = run(folder, two_processes("") + "wait $first && wait $second");
    EXPECT_EQ(ran.exit_code, 0) << content_of(folder / ".err0") << content_of(folder / ".err1");
    EXPECT_EQ(content_of(folder / ".out0"), "out/tiny.safetensors\n");
    EXPECT_EQ(content_of(folder / ".out1") + content_of(folder / ".err1"), "");
    EXPECT_EQ(ModelFile::open(folder / "out/tiny.safetensors").card.figures["processes"], 2);
}

TEST(Train, AKilledProcessEndsTheOtherByItsRankAndTheRunGoesOn) {
    if (world_backend().empty()) GTEST_SKIP() << "this build has no Gloo";
    const TemporaryFolder folder;
    fill_recipe(folder, 100000);
    const Ran ran = run(folder, two_processes("") +
                                    "until [ -s out/tiny.checkpoint.safetensors ]; do sleep 0.01; done\n"
                                    "kill -9 $second; wait $first");
    EXPECT_EQ(ran.exit_code, 5);
    const std::string told = content_of(folder / ".err0");
    EXPECT_NE(told.find("error: rank 1 (on "), std::string::npos) << told;
    EXPECT_NE(told.find("[rank_lost]"), std::string::npos) << told;
    const Ran again =
        run(folder, "lines() { wc -l <out/tiny.log.jsonl; }; before=$(lines)\n" + two_processes("--resume") +
                        "until [ $(lines) -gt $((before + 1)) ]; do sleep 0.01; done\n"
                        "kill -TERM $second; wait $second; echo $?; wait $first");
    EXPECT_EQ(again.out, "143\n") << content_of(folder / ".err1");
    EXPECT_EQ(again.exit_code, 143) << content_of(folder / ".err0");
    EXPECT_NE(content_of(folder / ".err0").find("stopped by a signal to another process (--resume goes on)"),
              std::string::npos);
}

TEST(Train, AWorldThatIsHalfToldIsRefused) {
    const TemporaryFolder folder;
    fill_recipe(folder, 1);
    const Ran ran = run(folder, "WORLD_SIZE=2 " + std::string(kTrain));
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_NE(ran.err.find("RANK is not set, but WORLD_SIZE=2"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("[bad_world]"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace affectsr::cli
