#include "affectsr/train/detection_task.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/sha256.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/data/marked_photos.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/image/encode.h"
#include "affectsr/learn/threads.h"
#include "affectsr/train/task_catalog.h"

namespace affectsr {
namespace {

/// "Faces" are bright squares with two dark eyes on dark photographs; backgrounds are grey stripes.
class DetectionTaskTest : public ::testing::Test {
 protected:
    void SetUp() override {
        set_libtorch_threads(1);
        std::vector<MarkedPhoto> faces, backgrounds;
        for (int i = 0; i < 24; ++i) {
            Image photo(96, 96, static_cast<std::uint8_t>(20 + i));
            fill(photo, 32, 32, 32, 32, 230);
            fill(photo, 38, 42, 6, 6, 10), fill(photo, 52, 42, 6, 6, 10);
            MarkedFace face;
            face.box_in_photo = {32, 32, 32, 32};
            face.landmarks_in_photo = {{40, 44}, {54, 44}, {47, 50}, {42, 57}, {52, 57}};
            faces.push_back(stored("faces/" + std::to_string(i) + ".png", std::to_string(i) + ".png", photo));
            faces.back().faces = {face};
        }
        for (int i = 0; i < 4; ++i) {
            Image photo(120, 100, static_cast<std::uint8_t>(60 + 20 * i));
            fill(photo, 10 * i, 0, 8, 100, 140);
            backgrounds.push_back(stored("walls/" + std::to_string(i) + ".png", std::to_string(i) + ".png", photo));
        }
        folder_.fill("faces.json", to_json(faces).dump());
        folder_.fill("walls.json", to_json(backgrounds).dump());
    }
    static void fill(Image& image, int left, int top, int width, int height, std::uint8_t level) {
        for (int y = top; y < top + height; ++y)
            for (int x = left; x < left + width; ++x)
                for (int c = 0; c < 3; ++c) image.rgb[static_cast<std::size_t>((y * image.width + x) * 3 + c)] = level;
    }
    MarkedPhoto stored(const std::string& path, const std::string& name, const Image& photo) const {
        const std::vector<std::uint8_t> bytes = encode_png(photo);
        folder_.fill(path, std::string(bytes.begin(), bytes.end()));
        return {name, sha256_hex(std::as_bytes(std::span(bytes))), photo.width, photo.height, {}};
    }
    Recipe recipe() const {
        Recipe r;
        r.name = "tiny_detector";
        r.data_root = folder_.path();
        r.task = {"detection",
                  {{"network", {{"name", "yunet"}, {"options", {{"stem", 8}, {"features", 16}}}}},
                   {"learning", {{"optimiser", {{"name", "adamw"}}}, {"schedule", {{"peak", 5e-3}, {"warm_up", 0.1}}}}},
                   {"pictures",
                    {{"faces", {{{"photos", "faces"}, {"truth", "faces.json"}}}},
                     {"backgrounds", {{{"photos", "walls"}, {"truth", "walls.json"}}}},
                     {"px", 64},
                     {"most_faces", 2},
                     {"least_face_px", 16},
                     {"most_face_px", 32},
                     {"most_roll_deg", 10}}}}};
        r.augmentation.small_share = r.augmentation.noise_share = 0;
        r.validation.share = 0.3;
        r.batch_size = 8;
        r.precision = "f32";
        return r;
    }
    TemporaryFolder folder_;
};

/// Pasted faces, and whole photographs side by side.
class DetectionPicturesTest : public DetectionTaskTest, public ::testing::WithParamInterface<double> {};

TEST_P(DetectionPicturesTest, HoldTheFacesThatTheirBoxesSay) {
    Recipe r = recipe();
    r.task.options["pictures"]["crowd_share"] = GetParam();
    r.task.options["pictures"]["most_faces"] = 9;
    const auto source = make_task(r, "")->open_data({});
    int faces = 0;
    for (std::uint64_t step = 0; step < source->steps_per_epoch(); ++step) {
        const Batch batch = source->at({0, step}, {});
        for (std::int64_t row = 0; row < batch.count; ++row)
            for (std::int64_t i = 0; i < batch.at("faces")[row].item<std::int64_t>(); ++i, ++faces) {
                const at::Tensor box = batch.at("boxes")[row][i];
                const auto at = [&](int k) { return box[k].item<double>(); };
                EXPECT_GE(at(2), 14) << "as wide as asked, but for the turn";
                EXPECT_LE(at(2), 36);
                const auto x = static_cast<std::int64_t>(at(0) + at(2) / 2),
                           y = static_cast<std::int64_t>(at(1) + at(3) * 0.7);
                if (x < 1 || y < 1 || x > 62 || y > 62) continue;
                EXPECT_GT(batch.at("photo")[row][0][y][x].item<double>(), 0.5) << "the middle of a face is bright";
                const at::Tensor points = batch.at("points")[row][i];
                EXPECT_LT(points[0].item<double>(), points[2].item<double>()) << "the viewer's left eye is the first";
            }
    }
    EXPECT_GT(faces, 10);
}

INSTANTIATE_TEST_SUITE_P(DetectionTask, DetectionPicturesTest, ::testing::Values(0.0, 1.0));

TEST_F(DetectionTaskTest, ACrowdIsWholePhotographsSideBySide) {
    Recipe r = recipe();
    Json& pictures = r.task.options["pictures"];
    pictures["crowd_share"] = 1, pictures["empty_share"] = 0, pictures["most_faces"] = 9;
    pictures["least_face_px"] = pictures["most_face_px"] =
        16;  // a third of a photograph: tiles of 48, cut off on two sides
    const Batch batch = make_task(r, "")->open_data({})->at({0, 0}, {});
    for (std::int64_t row = 0; row < batch.count; ++row) {
        EXPECT_EQ(batch.at("faces")[row].item<std::int64_t>(), 1);
        EXPECT_NEAR(batch.at("boxes")[row][0][0].item<double>(), 16, 0.5);
    }
}

TEST_F(DetectionTaskTest, PicturesDependOnSeedAndPositionAlone) {
    DataLoading loading;
    loading.threads = 3;
    const auto one = make_task(recipe(), "")->open_data({}), two = make_task(recipe(), "")->open_data(loading);
    (void)two->at({3, 0}, {});
    EXPECT_TRUE(at::equal(one->at({1, 1}, {}).at("photo"), two->at({1, 1}, {}).at("photo")));
    EXPECT_FALSE(at::equal(one->at({1, 1}, {}).at("photo"), one->at({2, 1}, {}).at("photo")));
    const at::Tensor whole = one->at({1, 0}, {}).at("photo");
    EXPECT_TRUE(at::equal(one->at({1, 0}, {1, 2}).at("photo"), whole.narrow(0, 4, 4)));
    EXPECT_TRUE(at::equal(one->held_out(1, 1, 0).at("photo"), two->held_out(0, 2, 0).at("photo").narrow(0, 1, 1)));
}

TEST_F(DetectionTaskTest, LearnsToFindTheFaces) {
    const auto task = make_task(recipe(), "");
    const auto source = task->open_data({});
    const std::uint64_t steps = 700, epoch = source->steps_per_epoch();
    for (std::uint64_t step = 0; step < steps; ++step)
        task->step(source->at({step / epoch, step % epoch}, {}), {static_cast<double>(step) / steps, step}, Alone{});
    const Json figures = task->validate(*source);
    EXPECT_GT(figures["average_precision"].get<double>(), 0.6) << figures;
}

TEST_F(DetectionTaskTest, EveryNetworkOfTheCatalogCanBeTrained) {
    for (const Entry<DetectionNetwork>& entry : detection_network_catalog()) {
        Recipe r = recipe();
        r.task.options["network"]["name"] = entry.name;
        const auto task = make_task(r, "");
        const Batch batch = task->open_data({})->at({0, 0}, {});
        const double before = task->step(batch, {0.1, 0}, Alone{}).at("loss");
        for (int i = 0; i < 15; ++i) task->step(batch, {0.1, 0}, Alone{});
        EXPECT_LT(task->step(batch, {0.1, 0}, Alone{}).at("loss"), before) << entry.name;
        EXPECT_EQ(task->models().at("").card.network, entry.name);
    }
}

TEST_F(DetectionTaskTest, RefusesWhatItCannotLearnFrom) {
    for (const auto& [pointer, value] : {std::pair<const char*, Json>{"/pictures/px", 80},
                                         {"/pictures/least_face_px", 40},
                                         {"/pictures/faces", Json::array()},
                                         {"/network/name", "x-ray"}}) {
        Recipe r = recipe();
        r.task.options[Json::json_pointer(pointer)] = value;
        EXPECT_THROW(make_task(r, "")->open_data({}), UsageError) << pointer;
    }
    folder_.fill("faces/3.png", "no picture");
    EXPECT_THROW(make_task(recipe(), "")->open_data({}), InputError);
    DataLoading loading;
    loading.skip_broken = true;
    EXPECT_NO_THROW(make_task(recipe(), "")->open_data(loading));
}

}  // namespace
}  // namespace affectsr
