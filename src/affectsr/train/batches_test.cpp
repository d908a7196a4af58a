#include "affectsr/train/batches.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "affectsr/base/error.h"
#include "affectsr/image/codec.h"

namespace affectsr {
namespace {

/// A manifest of tiny grey faces, one brightness per label, removed at the end.
class BatchesTest : public ::testing::Test {
 protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("affectsr_batches_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
        std::ofstream manifest(folder_ / "manifest.csv");
        manifest << "path,label,split,subject\n";
        for (int i = 0; i < 24; ++i) {
            const std::string name = "face" + std::to_string(i) + ".png";
            write_image(folder_ / name, Image(16, 16, static_cast<std::uint8_t>(10 * i)));
            manifest << name << "," << (i % 2 ? "happiness" : "anger") << ",train,person" << i / 2 << "\n";
        }
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    Batches::Options options() const {
        TrainingSource source;
        source.options = {{"root", folder_.string()}, {"split", "train"}};
        source.expression = "label";
        source.own_labels_head = "own";
        Batches::Options o;
        o.sources = {source};
        o.heads = {"expression", "own"};
        o.px = 16;
        o.batch_size = 8;
        return o;
    }

    std::filesystem::path folder_;
};

TEST_F(BatchesTest, HaveOneTargetPerHead) {
    const Batches batches(options());
    EXPECT_EQ(batches.steps_per_epoch(), 3u);
    const Batch batch = batches.at(0, 0);
    EXPECT_EQ(batch.faces.sizes().vec(), (std::vector<std::int64_t>{8, 1, 16, 16}));
    ASSERT_EQ(batch.targets.size(), 2u);
    EXPECT_TRUE(at::equal(batch.targets.at("expression"), batch.targets.at("own")));
    EXPECT_TRUE(at::equal(batch.targets.at("own").sum(1), at::ones({8})));
}

TEST_F(BatchesTest, AreTheSameForTheSameSeedInAnyOrder) {
    const Batches first(options()), second(options());
    (void)second.at(4, 2);
    EXPECT_TRUE(at::equal(first.at(1, 1).faces, second.at(1, 1).faces));
    Batches::Options other = options();
    other.seed = 2;
    EXPECT_FALSE(at::equal(first.at(1, 1).faces, Batches(other).at(1, 1).faces));
}

TEST_F(BatchesTest, ShowEveryFaceOnceAnEpoch) {
    Batches::Options o = options();
    o.augmentation = {};
    o.augmentation.brightness = o.augmentation.contrast = o.augmentation.erase = 0;
    o.augmentation.noise_share = o.augmentation.jpeg_share = o.augmentation.small_share = 0;
    const Batches batches(o);
    std::vector<int> seen(24, 0);
    for (std::size_t step = 0; step < 3; ++step) {
        const Batch batch = batches.at(0, step);
        for (int row = 0; row < 8; ++row)
            ++seen.at(static_cast<std::size_t>(batch.faces[row].mean().item<float>() * 25.5f + 0.5f));
    }
    EXPECT_EQ(seen, std::vector<int>(24, 1));
}

TEST_F(BatchesTest, HoldOutWholePeople) {
    Batches::Options o = options();
    o.validation_share = 0.4;
    const Batches batches(o);
    EXPECT_GT(batches.validation_faces(), 0u);
    EXPECT_EQ(batches.validation_faces() % 2, 0u) << "every person has two faces";
    EXPECT_EQ(batches.validation_faces() + batches.training_faces(), 24u);
}

TEST_F(BatchesTest, MixingKeepsTargetsDistributions) {
    Batches::Options o = options();
    o.mix = 0.4;
    const at::Tensor sums = Batches(o).at(0, 1).targets.at("own").sum(1);
    EXPECT_TRUE(at::allclose(sums, at::ones({8})));
}

std::string refused_with(const Batches::Options& o, std::string* lines = nullptr) {
    testing::internal::CaptureStderr();
    std::string what;
    try {
        const Batches batches(o);
    } catch (const Error& error) {
        what = error.code() + ": " + error.what();
    }
    const std::string logged = testing::internal::GetCapturedStderr();
    if (lines) *lines = logged;
    return what;
}

TEST_F(BatchesTest, EveryBrokenFaceIsNamedBeforeTheRefusal) {
    std::ofstream(folder_ / "face3.png") << "not a picture";
    std::filesystem::remove(folder_ / "face20.png");
    std::string lines;
    const std::string what = refused_with(options(), &lines);
    EXPECT_TRUE(what.starts_with("broken_pictures: 2 pictures ")) << what;
    EXPECT_NE(what.find("face3.png"), std::string::npos) << what;
    EXPECT_NE(what.find("--skip-broken"), std::string::npos) << what;
    for (const char* name : {"line 5: ", "face3.png", "line 22: ", "face20.png"})
        EXPECT_NE(lines.find(name), std::string::npos) << lines;
}

TEST_F(BatchesTest, BrokenFacesCanBeSkippedAndTheDescriptionCountsThem) {
    std::ofstream(folder_ / "face3.png") << "not a picture";
    Batches::Options o = options();
    o.skip_broken = true;
    testing::internal::CaptureStderr();
    const Batches batches(o);
    const std::string lines = testing::internal::GetCapturedStderr();
    EXPECT_NE(lines.find("face3.png"), std::string::npos) << lines;
    EXPECT_EQ(batches.training_faces(), 23u);
    const Json& source = batches.description().at(0);
    EXPECT_EQ(source["listed"], 24);
    EXPECT_EQ(source["broken"], 1);
    EXPECT_EQ(source["faces"], 23);
}

TEST_F(BatchesTest, TheDescriptionAccountsForEveryRow) {
    {
        std::ofstream manifest(folder_ / "manifest.csv");
        manifest << "path,label,split,blank\n";
        for (int i = 0; i < 20; ++i)
            manifest << "face" << i << ".png," << (i == 7 ? "" : "anger") << "," << (i < 18 ? "train" : "test") << ","
                     << (i == 3 ? 1 : 0) << "\n";
    }
    Batches::Options o = options();
    o.validation_share = 0.2;
    const Json source = Batches(o).description().at(0);
    EXPECT_EQ(source["listed"], 20);
    EXPECT_EQ(source["rows"], 18);
    EXPECT_EQ(source["not_usable"], 1);
    EXPECT_EQ(source["without_target"], 1);
    EXPECT_EQ(source["faces"].get<int>() + source["held_out"].get<int>(), 16);
}

TEST_F(BatchesTest, TheDescriptionChangesWithLabelsAndPixelsButNotWithThePlace) {
    const Json before = Batches(options()).description().at(0);
    const auto text_of_list = [&] {
        std::ifstream file(folder_ / "manifest.csv");
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const std::string list = text_of_list();
    write_image(folder_ / "face3.png", Image(16, 16, 99));
    Json now = Batches(options()).description().at(0);
    EXPECT_EQ(now["labels_sha256"], before["labels_sha256"]);
    EXPECT_NE(now["pictures_sha256"], before["pictures_sha256"]);
    write_image(folder_ / "face3.png", Image(16, 16, 30));
    std::string other = list;
    other.replace(other.find("face4.png,anger"), 15, "face4.png,sad");
    std::ofstream(folder_ / "manifest.csv") << other;
    now = Batches(options()).description().at(0);
    EXPECT_NE(now["labels_sha256"], before["labels_sha256"]);
    EXPECT_EQ(now["pictures_sha256"], before["pictures_sha256"]);
    std::ofstream(folder_ / "manifest.csv") << list;
    std::filesystem::rename(folder_, folder_.string() + "_moved");
    folder_ += "_moved";
    now = Batches(options()).description().at(0);
    EXPECT_EQ(now["labels_sha256"], before["labels_sha256"]);
    EXPECT_EQ(now["pictures_sha256"], before["pictures_sha256"]);
}

TEST_F(BatchesTest, ATrainedHeadWithoutTargetsIsRefusedBeforeAPictureIsRead) {
    std::filesystem::remove(folder_ / "face3.png");
    Batches::Options o = options();
    o.trained_heads = {"expression", "own"};
    o.sources[0].own_labels_head = "";
    const std::string what = refused_with(o);
    EXPECT_TRUE(what.starts_with("bad_setting: the loss on the head \"own\"")) << what;
    EXPECT_NE(what.find(folder_.filename().string()), std::string::npos) << "the sources are named: " << what;
    o.sources[0].own_labels_head = "own";
    EXPECT_TRUE(refused_with(o).starts_with("broken_pictures")) << "now the picture is missed";
}

TEST_F(BatchesTest, ASourceThatTeachesNothingIsRefused) {
    Batches::Options o = options();
    o.sources.push_back(o.sources[0]);
    o.sources[1].expression = "votes";
    o.sources[1].own_labels_head = "";
    EXPECT_NE(refused_with(o).find("24 have no target (\"expression\" is \"votes\""), std::string::npos)
        << refused_with(o);
    o.sources[1].own_labels_head = "mine";
    EXPECT_NE(refused_with(o).find("\"mine\", which the network does not have; it has: expression, own"),
              std::string::npos);
    o.sources[1].own_labels_head = "expression";
    EXPECT_NE(refused_with(o).find("set \"expression\" to \"label\""), std::string::npos);
    o.sources[1] = o.sources[0];
    o.sources[1].share = 0.01;
    EXPECT_NE(refused_with(o).find("an epoch sees no face"), std::string::npos);
}

TEST_F(BatchesTest, AFolderThatCannotBeEnteredIsBrokenDataToo) {
    for (int i = 0; i < 8; ++i) {
        std::filesystem::create_directories(folder_ / "set/train/happy");
        write_image(folder_ / "set/train/happy" / (std::to_string(i) + ".png"), Image(16, 16, 9));
    }
    std::filesystem::create_directory_symlink("nowhere", folder_ / "set/train/sad");
    Batches::Options o = options();
    o.sources[0].dataset = "fer2013_folders";
    o.sources[0].options["root"] = (folder_ / "set").string();
    std::string lines;
    EXPECT_TRUE(refused_with(o, &lines).starts_with("broken_pictures: 0 pictures")) << refused_with(o);
    EXPECT_NE(lines.find("train/sad: cannot be entered: the link leads nowhere"), std::string::npos) << lines;
    o.skip_broken = true;
    EXPECT_EQ(Batches(o).description().at(0)["not_entered"], 1);
}

TEST_F(BatchesTest, DecodingEndsOnceAStopIsRequested) {
    std::filesystem::remove(folder_ / "face3.png");
    Batches::Options o = options();
    std::stop_source stop;
    stop.request_stop();
    o.stop = stop.get_token();
    EXPECT_NO_THROW(Batches{o});
}

TEST_F(BatchesTest, FewerFacesThanABatchAreRefused) {
    Batches::Options o = options();
    o.batch_size = 25;
    EXPECT_THROW(Batches{o}, UsageError);
}

}  // namespace
}  // namespace affectsr
