#include "affectsr/restore/network_restorer.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/restore/test_networks.h"

namespace affectsr {
namespace {

/// Twice as large by repeating pixels, and a light grey where landmarks are given.
class Doubling : public SrNetwork {
 public:
    explicit Doubling(bool landmarks) : landmarks_(landmarks) {}
    RestorerNeeds needs() const override { return {0, 2, 0, landmarks_}; }
    SrOutput forward(const SrInput& input) override {
        Tensor sr = input.lr.repeat_interleave(2, 2).repeat_interleave(2, 3);
        if (input.landmarks.defined()) sr = sr * 0 + input.landmarks[0][0][0] / 255;
        return {sr + (input.scale == 0 ? 0 : 1)};
    }

 private:
    bool landmarks_;
};

FaceCrop crop_of(int size_px) {
    FaceCrop crop;
    crop.pixels = Image(size_px, size_px, 60);
    crop.pixels.pixel(0, 0)[0] = 200;
    return crop;
}

TEST(NetworkRestorer, GivesTheCropToTheNetworkAndItsAnswerBack) {
    const NetworkRestorer restorer(std::make_shared<Doubling>(false), {}, Precision::f32, "file");
    EXPECT_EQ(restorer.needs().scale, 2);
    EXPECT_EQ(restorer.needs().input_px, 0);
    const Image restored = restorer.restore(crop_of(7));
    ASSERT_EQ(restored.size(), (ImageSize{14, 14}));
    EXPECT_EQ(restored.pixel(1, 1)[0], 200);
    EXPECT_EQ(restored.pixel(2, 0)[0], 60);
    EXPECT_THROW(restorer.restore(FaceCrop{}), Bug);
}

TEST(NetworkRestorer, HandsLandmarksOnWhereTheyAreNeeded) {
    const NetworkRestorer restorer(std::make_shared<Doubling>(true), {}, Precision::f32, "file");
    FaceCrop crop = crop_of(4);
    EXPECT_THROW(restorer.restore(crop), Bug);
    crop.landmarks_in_crop = {{180, 2, 0}};
    EXPECT_EQ(restorer.restore(crop).pixel(0, 0)[0], 180);
    ModelFile file;
    file.card.input = {{"size_px", 2}};
    const NetworkRestorer half(std::make_shared<Doubling>(true), file, Precision::f32, "file");
    EXPECT_EQ(half.restore(crop).pixel(0, 0)[0], 90) << "(180 + 1/2) / 2 − 1/2, rounded";
}

TEST(NetworkRestorer, ResizesCropsToTheCardsSize) {
    ModelFile file;
    file.card.input = {{"size_px", 16}};
    const NetworkRestorer restorer(std::make_shared<Doubling>(false), file, Precision::f32, "file");
    EXPECT_EQ(restorer.needs().input_px, 16);
    EXPECT_EQ(restorer.restore(crop_of(16)).width, 32);
    EXPECT_EQ(restorer.restore(crop_of(15)).width, 32);
    for (const Json& wrong : {Json("16"), Json(-1), Json(1.5), Json(100'000)}) {
        file.card.input["size_px"] = wrong;
        EXPECT_THROW(NetworkRestorer(std::make_shared<Doubling>(false), file, Precision::f32, "file"), ModelError);
    }
}

TEST(NetworkRestorer, ManyThreadsGetTheSameFace) {
    const SmallModel model("rrdb");
    const auto restorer = load_restorer("rrdb", model.path, "f32", 48);
    const Image expected = restorer->restore(crop_of(9));
    std::vector<Image> restored(4);
    std::vector<std::thread> threads;
    for (Image& one : restored) threads.emplace_back([&] { one = restorer->restore(crop_of(9)); });
    for (std::thread& thread : threads) thread.join();
    for (const Image& one : restored) EXPECT_EQ(one, expected);
}

}  // namespace
}  // namespace affectsr
