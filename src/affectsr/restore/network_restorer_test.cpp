#include "affectsr/restore/network_restorer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/base/random.h"
#include "affectsr/restore/test_networks.h"

namespace affectsr {
namespace {

/// Twice as large by repeating pixels.
SrNetwork doubling() {
    PlanBuilder p;
    return enlarging_network(p.finish(p.enlarge_nearest(p.input(3), 2)), 2);
}

/// The same size twice, as grey as the first landmark lies to the right.
SrNetwork grey_by_landmark() {
    PlanBuilder p;
    const Value x = p.input(3), landmarks = p.input(3, "landmarks");
    const Value grey = p.scale(p.slice(landmarks, 0, 1), 1.0 / 255);
    const Value ones = p.shift(p.scale(p.enlarge_nearest(x, 2), 0), 1);
    SrNetwork network = enlarging_network(p.finish(p.mul(ones, p.concat({grey, grey, grey}))), 2);
    network.needs.landmarks = 1;
    return network;
}

/// Twice as large, and `by` added to each colour.
SrNetwork shifting(std::vector<float> by) {
    PlanBuilder p;
    return enlarging_network(p.finish(p.shift(p.enlarge_nearest(p.input(3), 2), std::move(by))), 2);
}

FaceCrop crop_of(int size_px) {
    FaceCrop crop;
    crop.pixels = Image(size_px, size_px, 60);
    crop.pixels.pixel(0, 0)[0] = 200;
    return crop;
}

TEST(NetworkRestorer, GivesTheCropToTheNetworkAndItsAnswerBack) {
    const NetworkRestorer restorer(doubling(), {}, Precision::f32, "file");
    EXPECT_EQ(restorer.needs().scale, 2);
    EXPECT_EQ(restorer.needs().input_px, 0);
    const Image restored = restorer.restore(crop_of(7)).picture;
    ASSERT_EQ(restored.size(), (ImageSize{14, 14}));
    EXPECT_EQ(restored.pixel(1, 1)[0], 200);
    EXPECT_EQ(restored.pixel(2, 0)[0], 60);
    EXPECT_THROW(restorer.restore(FaceCrop{}), Bug);
}

TEST(NetworkRestorer, HandsLandmarksOnWhereTheyAreNeeded) {
    const NetworkRestorer restorer(grey_by_landmark(), {}, Precision::f32, "file");
    FaceCrop crop = crop_of(4);
    EXPECT_THROW(restorer.restore(crop), Bug);
    crop.landmarks_in_crop = {{180, 2, 0}};
    EXPECT_EQ(restorer.restore(crop).picture.pixel(0, 0)[0], 180);
    ModelFile file;
    file.card.input = {{"size_px", 2}};
    const NetworkRestorer half(grey_by_landmark(), file, Precision::f32, "file");
    EXPECT_EQ(half.restore(crop).picture.pixel(0, 0)[0], 90) << "(180 + 1/2) / 2 − 1/2, rounded";
}

TEST(NetworkRestorer, ResizesCropsToTheCardsSize) {
    ModelFile file;
    file.card.input = {{"size_px", 16}};
    const NetworkRestorer restorer(doubling(), file, Precision::f32, "file");
    EXPECT_EQ(restorer.needs().input_px, 16);
    EXPECT_EQ(restorer.restore(crop_of(16)).picture.width, 32);
    EXPECT_EQ(restorer.restore(crop_of(15)).picture.width, 32);
    for (const Json& wrong : {Json("16"), Json(-1), Json(1.5), Json(100'000)}) {
        file.card.input["size_px"] = wrong;
        EXPECT_THROW(NetworkRestorer(doubling(), file, Precision::f32, "file"), ModelError);
    }
}

TEST(NetworkRestorer, AnAnswerThatIsNotFiniteIsAReasonAndNoPicture) {
    for (const float value : {std::nanf(""), INFINITY, -INFINITY})
        for (const std::vector<float>& by : {std::vector<float>{value}, {0, 0, value}}) {
            const NetworkRestorer restorer(shifting(by), {}, Precision::f32, "file");
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
            if (name.ends_with(".weight")) {
                std::vector<float> broken(static_cast<std::size_t>(tensor.count()), std::nanf(""));
                tensor = HostTensor::from_floats(broken, tensor.shape());
            }
        ModelFile file;
        file.tensors = tensors;
        const NetworkRestorer restorer(*entry.make(model.file.card.options), file, Precision::f32, "file");
        EXPECT_EQ(restorer.restore(crop_of(8)).reason, "restorer_not_finite");
    }
}

/// A crop of random pixels.
FaceCrop noise_of(int width, int height) {
    FaceCrop crop;
    crop.pixels = Image(width, height);
    for (std::size_t i = 0; i < crop.pixels.rgb.size(); ++i)
        crop.pixels.rgb[i] = static_cast<std::uint8_t>(mix_bits(i + 1) % 256);
    return crop;
}

TEST(NetworkRestorer, ManyCropsOfManySizesAreThoseOfOneByOne) {
    for (const Entry<SrNetwork>& entry : sr_network_catalog()) {
        SCOPED_TRACE(entry.name);
        const SmallModel model(entry.name);
        const NetworkRestorer restorer(*entry.make(model.file.card.options), model.file, Precision::f32, "file");
        std::vector<FaceCrop> crops;
        for (int i = 0; i < 40; ++i) crops.push_back(noise_of(9 + i % 13, 9 + i % 7));
        const std::vector<Restored> together = restorer.restore_all(crops);
        ASSERT_EQ(together.size(), crops.size());
        for (std::size_t i = 0; i < crops.size(); ++i) {
            const Image alone = restorer.restore(crops[i]).picture;
            ASSERT_EQ(together[i].picture.size(), alone.size());
            int furthest = 0;
            for (std::size_t k = 0; k < alone.rgb.size(); ++k)
                furthest = std::max(furthest, std::abs(int{alone.rgb[k]} - int{together[i].picture.rgb[k]}));
            EXPECT_LE(furthest, 1) << "oneDNN adds in another order for other numbers of pictures";
        }
    }
}

TEST(NetworkRestorer, FillsCropsUpWithTheirLastPixels) {
    // Each pixel the mean of its neighbours: at the right and lower edge, of what the crop was filled up with.
    PlanBuilder p;
    const NetworkRestorer restorer(enlarging_network(p.finish(p.avg_pool(p.input(3), 3, 1, 1)), 1), {}, Precision::f32,
                                   "file");
    FaceCrop crop;
    crop.pixels = Image(5, 5, 90);
    const Image restored = restorer.restore(crop).picture;
    ASSERT_EQ(restored.size(), (ImageSize{5, 5}));
    EXPECT_EQ(restored.pixel(4, 4)[0], 90);
    EXPECT_EQ(restored.pixel(0, 0)[0], 40) << "four of nine, the others are the network's own zeros";
}

TEST(NetworkRestorer, NamesThePrecisionThatIsUsed) {
    for (const Precision wanted : {Precision::f32, Precision::bf16}) {
        const NetworkRestorer restorer(doubling(), {}, wanted, "file");
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
