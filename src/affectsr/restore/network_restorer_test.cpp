#include "affectsr/restore/network_restorer.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/restore/test_networks.h"

namespace affectsr {
namespace {

/// Twice as large by repeating pixels, and a light grey where landmarks are given.
class Doubling : public SrNetwork {
 public:
    explicit Doubling(int landmarks) : landmarks_(landmarks) {}
    RestorerNeeds needs() const override { return {0, 2, 0, landmarks_}; }
    SrOutput forward(const SrInput& input) override {
        Tensor sr = input.lr.repeat_interleave(2, 2).repeat_interleave(2, 3);
        if (input.landmarks.defined()) sr = sr * 0 + input.landmarks[0][0][0] / 255;
        return {sr + (input.scale == 0 ? 0 : 1)};
    }

 private:
    int landmarks_;
};

FaceCrop crop_of(int size_px) {
    FaceCrop crop;
    crop.pixels = Image(size_px, size_px, 60);
    crop.pixels.pixel(0, 0)[0] = 200;
    return crop;
}

TEST(NetworkRestorer, GivesTheCropToTheNetworkAndItsAnswerBack) {
    const NetworkRestorer restorer(std::make_shared<Doubling>(0), {}, Precision::f32, "file");
    EXPECT_EQ(restorer.needs().scale, 2);
    EXPECT_EQ(restorer.needs().input_px, 0);
    const Image restored = restorer.restore(crop_of(7)).picture;
    ASSERT_EQ(restored.size(), (ImageSize{14, 14}));
    EXPECT_EQ(restored.pixel(1, 1)[0], 200);
    EXPECT_EQ(restored.pixel(2, 0)[0], 60);
    EXPECT_THROW(restorer.restore(FaceCrop{}), Bug);
}

TEST(NetworkRestorer, HandsLandmarksOnWhereTheyAreNeeded) {
    const NetworkRestorer restorer(std::make_shared<Doubling>(1), {}, Precision::f32, "file");
    FaceCrop crop = crop_of(4);
    EXPECT_THROW(restorer.restore(crop), Bug);
    crop.landmarks_in_crop = {{180, 2, 0}};
    EXPECT_EQ(restorer.restore(crop).picture.pixel(0, 0)[0], 180);
    ModelFile file;
    file.card.input = {{"size_px", 2}};
    const NetworkRestorer half(std::make_shared<Doubling>(1), file, Precision::f32, "file");
    EXPECT_EQ(half.restore(crop).picture.pixel(0, 0)[0], 90) << "(180 + 1/2) / 2 − 1/2, rounded";
}

TEST(NetworkRestorer, ResizesCropsToTheCardsSize) {
    ModelFile file;
    file.card.input = {{"size_px", 16}};
    const NetworkRestorer restorer(std::make_shared<Doubling>(0), file, Precision::f32, "file");
    EXPECT_EQ(restorer.needs().input_px, 16);
    EXPECT_EQ(restorer.restore(crop_of(16)).picture.width, 32);
    EXPECT_EQ(restorer.restore(crop_of(15)).picture.width, 32);
    for (const Json& wrong : {Json("16"), Json(-1), Json(1.5), Json(100'000)}) {
        file.card.input["size_px"] = wrong;
        EXPECT_THROW(NetworkRestorer(std::make_shared<Doubling>(0), file, Precision::f32, "file"), ModelError);
    }
}

/// Answers with one value that is no number, or with nothing else.
class Broken : public SrNetwork {
 public:
    Broken(float value, bool everywhere) : value_(value), everywhere_(everywhere) {}
    RestorerNeeds needs() const override { return {0, 2, 0, 0}; }
    SrOutput forward(const SrInput& input) override {
        Tensor sr = input.lr.repeat_interleave(2, 2).repeat_interleave(2, 3);
        if (everywhere_)
            sr.fill_(value_);
        else
            sr[0][2][3][1] = value_;
        return {sr};
    }

 private:
    float value_;
    bool everywhere_;
};

TEST(NetworkRestorer, AnAnswerThatIsNotFiniteIsAReasonAndNoPicture) {
    for (const float value : {std::nanf(""), INFINITY, -INFINITY})
        for (const bool everywhere : {false, true}) {
            const NetworkRestorer restorer(std::make_shared<Broken>(value, everywhere), {}, Precision::f32, "file");
            const std::vector<FaceCrop> crops{crop_of(5), crop_of(6)};
            const std::vector<Restored> restored = restorer.restore_all(crops);
            ASSERT_EQ(restored.size(), 2U);
            EXPECT_TRUE(restored[1].picture.empty());
            EXPECT_EQ(restored[1].reason, "restorer_not_finite");
        }
}

TEST(NetworkRestorer, WeightsThatAreNoNumbersGiveNoFace) {
    for (const Entry<SrNetwork>& entry : sr_network_catalog()) {
        SCOPED_TRACE(entry.name);
        const SmallModel model(entry.name);
        TensorMap tensors = model.file.tensors;
        for (auto& [name, tensor] : tensors)
            if (name.ends_with(".weight")) tensor = to_host(to_tensor(tensor).fill_(std::nanf("")));
        ModelFile file;
        file.tensors = tensors;
        const NetworkRestorer restorer(entry.make(model.file.card.options), file, Precision::f32, "file");
        EXPECT_EQ(restorer.restore(crop_of(8)).reason, "restorer_not_finite");
    }
}

TEST(NetworkRestorer, NamesThePrecisionThatIsUsed) {
    for (const Precision wanted : {Precision::f32, Precision::bf16}) {
        const NetworkRestorer restorer(std::make_shared<Doubling>(0), {}, wanted, "file");
        EXPECT_EQ(restorer.precision(), used_precision(wanted));
    }
}

TEST(NetworkRestorer, ManyThreadsGetTheSameFace) {
    const SmallModel model("rrdb");
    const auto restorer = load_restorer("rrdb", model.path, "f32", 48);
    const Image expected = restorer->restore(crop_of(9)).picture;
    std::vector<Image> restored(4);
    std::vector<std::thread> threads;
    for (Image& one : restored) threads.emplace_back([&] { one = restorer->restore(crop_of(9)).picture; });
    for (std::thread& thread : threads) thread.join();
    for (const Image& one : restored) EXPECT_EQ(one, expected);
}

}  // namespace
}  // namespace affectsr
