#include "affectsr/train/landmarks_task.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/base/sha256.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/data/catalog.h"
#include "affectsr/data/landmark_labels.h"
#include "affectsr/data/marked_photos.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/detect/landmark_net.h"
#include "affectsr/face/align.h"
#include "affectsr/face/mesh.h"
#include "affectsr/image/encode.h"
#include "affectsr/learn/test_parity.h"
#include "affectsr/learn/threads.h"
#include "affectsr/train/task_catalog.h"

namespace affectsr {
namespace {

constexpr int kPicturePx = 48;

/// "Faces" are bright pictures with dark dots for eyes and mouth, each elsewhere; the others are stripes.
class LandmarksTaskTest : public ::testing::Test {
 protected:
    void SetUp() override {
        set_libtorch_threads(1);
        std::string manifest = "path,split,identity\n";
        for (int i = 0; i < 40; ++i) {
            const std::string name = "train/" + std::to_string(i) + ".png";
            const Landmarks mesh = mesh_of(i);
            store("faces/" + name, picture_of(mesh, i));
            manifest += name + ",train,person_" + std::to_string(i) + "\n";
            labels_.faces.push_back({name, i + 2, mesh, 0.9F});
        }
        folder_.fill("faces/manifest.csv", manifest);
        label();
        std::vector<MarkedPhoto> walls;
        for (int i = 0; i < 6; ++i) {
            Image wall(60, 50, static_cast<std::uint8_t>(30 * i));
            for (int y = 0; y < 50; ++y)
                for (int x = 5 * i; x < 5 * i + 20; ++x) wall.pixel(x, y)[0] = wall.pixel(x, y)[1] = 200;
            walls.push_back(store("walls/" + std::to_string(i) + ".png", wall));
        }
        folder_.fill("walls.json", to_json(walls).dump());
    }

    /// The mean face, smaller, moved and turned a little.
    static Landmarks mesh_of(int i) {
        const std::vector<float> rest = mesh_at_rest(kPicturePx);
        const double angle = 0.05 * (i % 5 - 2), scale = 0.8 + 0.02 * (i % 4);
        Landmarks mesh;
        for (std::size_t k = 0; k < rest.size(); k += 3) {
            const double x = double{rest[k]} - 24, y = double{rest[k + 1]} - 24;
            mesh.push_back({static_cast<float>(24 + i % 3 + scale * (std::cos(angle) * x - std::sin(angle) * y)),
                            static_cast<float>(22 + i % 4 + scale * (std::sin(angle) * x + std::cos(angle) * y)),
                            static_cast<float>(scale * double{rest[k + 2]})});
        }
        return mesh;
    }
    static Image picture_of(const Landmarks& mesh, int i) {
        Image picture(kPicturePx, kPicturePx, static_cast<std::uint8_t>(190 + i));
        for (const Point& point : five_points_of(mesh))
            for (int y = -2; y <= 2; ++y)
                for (int x = -2; x <= 2; ++x) {
                    const int column = static_cast<int>(std::lround(point.x)) + x,
                              row = static_cast<int>(std::lround(point.y)) + y;
                    for (int c = 0; c < 3; ++c) picture.pixel(column, row)[c] = static_cast<std::uint8_t>(10 + c);
                }
        return picture;
    }
    MarkedPhoto store(const std::string& path, const Image& photo) const {
        const std::vector<std::uint8_t> bytes = encode_png(photo);
        folder_.fill(path, std::string(bytes.begin(), bytes.end()));
        return {std::filesystem::path(path).filename().string(),
                sha256_hex(std::as_bytes(std::span(bytes))),
                photo.width,
                photo.height,
                {}};
    }
    void label() {
        const auto dataset = open_dataset("manifest", {{"root", (folder_ / "faces").string()}});
        labels_.dataset = dataset->card().name;
        labels_.dataset_sha256 = dataset->card().sha256;
        write_landmark_labels(folder_ / "faces.safetensors", labels_);
    }
    Recipe recipe() const {
        Recipe r;
        r.name = "tiny_landmarks";
        r.data_root = folder_.path();
        const Json small{
            {"input_px", 32}, {"widths", {8, 16}}, {"depths", {1, 1}}, {"place_channels", 4}, {"hidden", 24}};
        r.task = {"landmarks",
                  {{"network", {{"name", "landmark_net"}, {"options", small}}},
                   {"learning",
                    {{"optimiser", {{"name", "adamw"}, {"clip_norm", 5}, {"averaging", 0}}},
                     {"schedule", {{"peak", 1e-2}, {"warm_up", 0.1}}}}},
                   {"pictures",
                    {{"faces", {{{"pictures", "faces"}, {"labels", "faces.safetensors"}}}},
                     {"backgrounds", {{{"photos", "walls"}, {"truth", "walls.json"}, {"faceless", true}}}},
                     {"cover_share", 0}}}}};
        r.augmentation.rotate_deg = 10;
        r.augmentation.small_share = 0.3, r.augmentation.most_scale = 2, r.augmentation.noise_share = 0;
        r.validation.share = 0.25;
        r.validation.sizes = {32, 12};
        r.batch_size = 8;
        r.precision = "f32";
        return r;
    }
    TemporaryFolder folder_;
    LandmarkLabels labels_;
};

TEST_F(LandmarksTaskTest, PointsLieOnWhatTheyMark) {
    Recipe r = recipe();
    r.augmentation.small_share = r.augmentation.brightness = r.augmentation.contrast = 0;
    const auto source = make_task(r, "")->open_data({});
    int faces = 0, others = 0;
    for (std::uint64_t step = 0; step < source->steps_per_epoch(); ++step) {
        const Batch batch = source->at({0, step}, {});
        for (std::int64_t row = 0; row < batch.count; ++row) {
            if (batch.at("is_face")[row].item<double>() == 0) {
                ++others;
                continue;
            }
            ++faces;
            Landmarks mesh;
            const at::Tensor points = batch.at("points")[row];
            for (std::int64_t i = 0; i < points.size(0); ++i)
                mesh.push_back({points[i][0].item<float>(), points[i][1].item<float>(), points[i][2].item<float>()});
            const Landmarks five = five_points_of(mesh);
            EXPECT_LT(five[0].x, five[1].x) << "the viewer's left eye is the first, mirrored or not";
            EXPECT_NEAR(eye_distance(mesh), 16, 4) << "half of the side";
            for (const Point& point : five) {
                const auto x = static_cast<std::int64_t>(std::lround(point.x)),
                           y = static_cast<std::int64_t>(std::lround(point.y));
                if (x < 0 || y < 0 || x > 31 || y > 31) continue;
                EXPECT_LT(batch.at("face")[row][0][y][x].item<double>(), 0.5) << "a dark dot at " << x << ", " << y;
            }
        }
    }
    EXPECT_GT(faces, 15);
    EXPECT_GT(others, 0);
}

TEST_F(LandmarksTaskTest, SamplesDependOnSeedAndPositionAlone) {
    DataLoading loading;
    loading.threads = 3;
    loading.memory_bytes = 20'000;  // for two faces: the others are decoded again
    const auto one = make_task(recipe(), "")->open_data({}), two = make_task(recipe(), "")->open_data(loading);
    (void)two->at({3, 0}, {});
    EXPECT_TRUE(at::equal(one->at({1, 1}, {}).at("face"), two->at({1, 1}, {}).at("face")));
    EXPECT_FALSE(at::equal(one->at({1, 1}, {}).at("face"), one->at({2, 1}, {}).at("face")));
    const at::Tensor whole = one->at({1, 0}, {}).at("points");
    EXPECT_TRUE(at::equal(one->at({1, 0}, {1, 2}).at("points"), whole.narrow(0, 4, 4)));
    EXPECT_TRUE(at::equal(one->held_out(1, 1, 12).at("face"), two->held_out(0, 2, 12).at("face").narrow(0, 1, 1)));
    const std::int64_t last = one->held_out_count() - 1;
    EXPECT_EQ(one->held_out(0, 1, 32).at("is_face").item<double>(), 1);
    EXPECT_EQ(one->held_out(last, 1, 32).at("is_face").item<double>(), 0);
}

TEST_F(LandmarksTaskTest, LearnsWhereThePointsAreHowSureItIsAndWhatIsNoFace) {
    Recipe r = recipe();
    r.augmentation.shift = 0.25;         // held-out faces are off by a third of it
    r.task.options["error_weight"] = 5;  // to know itself after so few steps
    r.task.options["learning"]["schedule"]["last"] = 0.3;
    const auto task = make_task(r, "");
    const auto source = task->open_data({});
    const Json before = task->validate(*source);
    const std::uint64_t steps = 600, epoch = source->steps_per_epoch();
    double off_in_training = 0;  // mean of the last 100 steps
    for (std::uint64_t step = 0; step < steps; ++step) {
        const StepLog log = task->step(source->at({step / epoch, step % epoch}, {}),
                                       {static_cast<double>(step) / steps, step}, Alone{});
        if (step >= steps - 100) off_in_training += log.at("off") / 100;
    }
    const Json after = task->validate(*source);
    const double off = after["off"]["32"].get<double>();
    EXPECT_LT(off, 0.7 * before["off"]["32"].get<double>()) << before << after;
    EXPECT_NEAR(after["expected"]["32"].get<double>(), off_in_training, 0.25 * off_in_training) << after;
    EXPECT_LT(after["refused"]["32"].get<double>() + after["false_faces"]["32"].get<double>(), 0.5) << after;
}

TEST_F(LandmarksTaskTest, EveryNetworkOfTheCatalogCanBeTrained) {
    for (const Entry<LandmarkNetwork>& entry : landmark_network_catalog()) {
        Recipe r = recipe();
        r.task.options["network"] = {{"name", entry.name}};
        const auto task = make_task(r, "");
        const Batch batch = task->open_data({})->at({0, 0}, {});
        const double before = task->step(batch, {0.1, 0}, Alone{}).at("loss");
        for (int i = 0; i < 8; ++i) task->step(batch, {0.1, 0}, Alone{});
        EXPECT_LT(task->step(batch, {0.1, 0}, Alone{}).at("loss"), before) << entry.name;
        EXPECT_EQ(task->models().at("").card.network, entry.name);
    }
}

TEST_F(LandmarksTaskTest, BothPlayersAgreeOnEveryNetwork) {
    for (const Entry<LandmarkNetwork>& entry : landmark_network_catalog()) {
        SCOPED_TRACE(entry.name);
        const auto network = entry.make(Json::object());
        Plan plan = network->plan;
        plan.outputs = {plan.outputs[plan.output_index("points")]};  // single numbers are sums that cancel
        plan.output_mark("hidden");
        for (const Precision precision : {Precision::f32, Precision::bf16})
            for (const int count : {1, 16})
                expect_parity(plan, {count, network->input_px, network->input_px}, precision, 5e-2);
    }
}

TEST_F(LandmarksTaskTest, AccumulatedPartsAddUpToTheWholeBatch) {
    Recipe r = recipe();
    const Batch batch = make_task(r, "")->open_data({})->at({0, 0}, {});
    // The first step's norms see the parts, so only figures of the loss as a mean over the batch are compared.
    const StepLog whole = make_task(r, "")->step(batch, {0.1, 0}, Alone{});
    r.accumulate = 2;
    const StepLog parts = make_task(r, "")->step(batch, {0.1, 0}, Alone{});
    EXPECT_NEAR(parts.at("points"), whole.at("points"), 0.25 * whole.at("points"));
    EXPECT_NEAR(parts.at("off"), whole.at("off"), 0.25 * whole.at("off"));
}

TEST_F(LandmarksTaskTest, FacesOfWhichNobodyWasSureAreLeftOut) {
    for (std::size_t i = 0; i < 20; ++i) labels_.faces[i].score = 0.3F;
    label();
    const auto source = make_task(recipe(), "")->open_data({});
    const Json told = source->description()[0];
    EXPECT_EQ(told["faces"].get<int>() + told["held_out"].get<int>(), 20);
    EXPECT_EQ(told["rows"], 40);
}

TEST_F(LandmarksTaskTest, RefusesWhatItCannotLearnFrom) {
    for (const auto& [pointer, value] : {std::pair<const char*, Json>{"/pictures/faces", Json::array()},
                                         {"/pictures/least_score", 0.95},
                                         {"/network/name", "x-ray"}}) {
        Recipe r = recipe();
        r.task.options[Json::json_pointer(pointer)] = value;
        EXPECT_THROW(make_task(r, "")->open_data({}), UsageError) << pointer;
    }
    folder_.fill("faces/train/3.png", "no picture");
    EXPECT_THROW(make_task(recipe(), "")->open_data({}), InputError);
    DataLoading loading;
    loading.skip_broken = true;
    EXPECT_NO_THROW(make_task(recipe(), "")->open_data(loading));
}

}  // namespace
}  // namespace affectsr
