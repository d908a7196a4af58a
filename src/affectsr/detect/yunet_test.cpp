#include "affectsr/detect/yunet.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numeric>

#include "affectsr/checkpoint/published.h"
#include "affectsr/detect/import_detector.h"
#include "affectsr/detect/network_detector.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/resize.h"

namespace affectsr {
namespace {

TEST(Yunet, HasTheNumbersThatThePaperCounts) {
    const DetectionNetwork network = yunet({});
    EXPECT_EQ(network.plan.parameter_count(), 75856) << "table 1: 75,856 parameters of YuNet-n";
    EXPECT_EQ(network.strides, (std::vector<int>{8, 16, 32}));
    const std::vector<ValueShape> shapes = network.plan.shapes(320, 320);
    const auto shape_of = [&](const std::string& output) {
        return shapes[static_cast<std::size_t>(network.plan.outputs[network.plan.output_index(output)].step)];
    };
    EXPECT_EQ(shape_of("class_8"), (ValueShape{1, 40, 40}));
    EXPECT_EQ(shape_of("points_16"), (ValueShape{10, 20, 20}));
    EXPECT_EQ(shape_of("box_32"), (ValueShape{4, 10, 10}));
}

/// libfacedetection.train's own weights, where a copy lies beside the project.
class PublishedYunet : public ::testing::Test {
 protected:
    void SetUp() override {
        const std::filesystem::path file =
            std::filesystem::path(AFFECTSR_SOURCE_DIR) / ".." / "shared" / "weights" / "yunet" / "yunet_n.pth";
        if (!std::filesystem::exists(file)) GTEST_SKIP() << "no copy of yunet_n.pth";
        model = import_detector("yunet", Json::object(), read_published(file).tensors, file.string()).model;
    }
    ModelFile model;
};

TEST_F(PublishedYunet, AnswersAsOnnxRuntimeDoes) {
    const DetectionNetwork network = yunet({});
    const PlanEngine engine(network.plan, model.tensors, Precision::f32);
    // [3, 320, 320], blue first, p = 0.5 + 0.5 sin(0.05 y + 0.03 x (c + 1)) in levels of 0 to 255.
    std::vector<float> planes(std::size_t{3} * 320 * 320);
    for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t y = 0; y < 320; ++y)
            for (std::size_t x = 0; x < 320; ++x)
                planes[((2 - c) * 320 + y) * 320 + x] = static_cast<float>(
                    0.5 + 0.5 * std::sin(0.05 * static_cast<double>(y) +
                                         0.03 * static_cast<double>(x) * static_cast<double>(c + 1)));
    std::vector<float> scores(1600), object(1600), box(6400), points(16000), coarse(100);
    engine.run({1, 320, 320}, planes,
               {{"class_8", scores}, {"object_8", object}, {"box_8", box}, {"points_8", points}, {"class_32", coarse}});
    const auto sum = [](const std::vector<float>& values) {
        return std::accumulate(values.begin(), values.end(), 0.0);
    };
    // Sums and first numbers that ONNX Runtime gave for yunet_n_640_640.onnx.
    EXPECT_NEAR(sum(scores), 1039.783, 0.05);
    EXPECT_NEAR(sum(object), 0.0046, 0.0002);
    EXPECT_NEAR(sum(coarse), 64.9946, 0.005);
    EXPECT_NEAR(scores[0], 0.574482, 1e-4);
    EXPECT_NEAR(box[0], 0.514464, 1e-4) << "channel 0 of cell 0";
    EXPECT_NEAR(box[1600], 0.596468, 1e-4) << "channel 1 of cell 0";
    EXPECT_NEAR(points[5 * 1600], 0.851986, 1e-4) << "channel 5 of cell 0";
}

TEST_F(PublishedYunet, FindsThePortraitsFaceLargeAndSmall) {
    const Image photo = read_image(std::filesystem::path(AFFECTSR_SOURCE_DIR) / "examples" / "astronaut.png");
    const NetworkDetector detector(yunet({}), model, {}, "yunet_n.pth");
    for (const int side : {512, 128, 72}) {
        const Image smaller = side == 512 ? photo : resize(photo, {side, side}, Filter::bicubic);
        const std::vector<Face> faces = detector.detect(smaller);
        ASSERT_EQ(faces.size(), 1U) << side;
        const double scale = side / 512.0;
        const Box& box = faces[0].box_in_photo;
        EXPECT_NEAR(double{box.x} + double{box.width} / 2, 222 * scale, 12 * scale) << side;
        EXPECT_NEAR(double{box.y} + double{box.height} / 2, 117 * scale, 20 * scale) << side;
        const Landmarks& points = faces[0].landmarks_in_photo;
        ASSERT_EQ(points.size(), 5U);
        EXPECT_LT(points[0].x, points[1].x);
        EXPECT_LT(points[0].y, points[2].y);
        EXPECT_LT(points[2].y, points[3].y);
    }
}

TEST_F(PublishedYunet, FindsTheSameFaceWhereverThePhotoIsCutIntoTiles) {
    const Image portrait = read_image(std::filesystem::path(AFFECTSR_SOURCE_DIR) / "examples" / "astronaut.png");
    Image wide(1500, 512, 127);
    for (int y = 0; y < 512; ++y)
        std::copy_n(portrait.rgb.begin() + static_cast<std::ptrdiff_t>(y) * 512 * 3, 512 * 3,
                    wide.rgb.begin() + (static_cast<std::ptrdiff_t>(y) * 1500 + 800) * 3);
    const NetworkDetector detector(yunet({}), model, {}, "yunet_n.pth");
    const std::vector<Face> faces = detector.detect(wide);
    ASSERT_EQ(faces.size(), 1U) << "on the seam at 1024 px, once";
    EXPECT_NEAR(faces[0].box_in_photo.x + faces[0].box_in_photo.width / 2, 1022, 15);
}

}  // namespace
}  // namespace affectsr
