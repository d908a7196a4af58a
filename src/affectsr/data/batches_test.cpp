#include "affectsr/data/batches.h"

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

TEST_F(BatchesTest, ABrokenFaceNamesItself) {
    std::ofstream(folder_ / "face3.png") << "not a picture";
    try {
        const Batches batches(options());
        FAIL() << "a broken face was taken";
    } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find("face3.png"), std::string::npos);
    }
}

TEST_F(BatchesTest, FewerFacesThanABatchAreRefused) {
    Batches::Options o = options();
    o.batch_size = 25;
    EXPECT_THROW(Batches{o}, UsageError);
}

}  // namespace
}  // namespace affectsr
