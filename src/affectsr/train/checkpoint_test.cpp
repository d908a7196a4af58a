#include "affectsr/train/checkpoint.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

class CheckpointTest : public ::testing::Test {
 protected:
    void TearDown() override { std::filesystem::remove(path_); }
    std::filesystem::path path_ =
        std::filesystem::temp_directory_path() / ("affectsr_checkpoint_" + std::to_string(::getpid()));
};

TEST_F(CheckpointTest, ComesBackWhole) {
    Checkpoint saved{Json{{"name", "x"}}, 42, Json{{"accuracy", 0.5}}, 12.5, {}};
    saved.state["w"] = HostTensor::from_floats(std::vector<float>{1, 2, 3}, {3});
    saved.save(path_);
    const Checkpoint opened = Checkpoint::open(path_);
    EXPECT_EQ(opened.recipe, saved.recipe);
    EXPECT_EQ(opened.step, 42u);
    EXPECT_EQ(opened.validation, saved.validation);
    EXPECT_EQ(opened.seconds, 12.5);
    EXPECT_EQ(opened.state.at("w").floats(), (std::vector<float>{1, 2, 3}));
}

TEST_F(CheckpointTest, ADamagedOneIsRefused) {
    Checkpoint saved{Json{{"name", "x"}}, 1, nullptr, 0, {}};
    saved.state["w"] = HostTensor::from_floats(std::vector<float>(64, 1.0f), {64});
    saved.save(path_);
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-5, std::ios::end);
    file.put('!');
    file.close();
    EXPECT_THROW(Checkpoint::open(path_), ModelError);
}

TEST_F(CheckpointTest, AModelIsNotACheckpoint) {
    ModelFile model;
    model.card.network = "small_net";
    model.save(path_);
    EXPECT_THROW(Checkpoint::open(path_), ModelError);
}

}  // namespace
}  // namespace affectsr
