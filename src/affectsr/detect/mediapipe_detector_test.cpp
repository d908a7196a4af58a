#include "affectsr/detect/mediapipe_detector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/checkpoint/test_tflite.h"
#include "affectsr/face/overlap.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/resize.h"

namespace affectsr {
namespace {

using namespace test_tflite;

/// A network of the short range's shape: whoever is red in an 8-px cell is a face of 40 × 50 px, centred 2 px right of
/// and 1 px above the middle of the cell. `grey`: the logit of a cell without red.
std::string red_faces(float grey = -50) {
    const std::vector<float> numbers{2,  -1,  40, 50,  // box
                                     -8, -11, 12, -11, 2, -1, 2, 9, -18, -6, 22, -6};
    Network network({1, 128, 128, 3});
    const int fine = network.pool(kMaxPool, 0, {1, 16, 16, 3}, kValid, 8, 8);
    const int coarse = network.pool(kMaxPool, fine, {1, 8, 8, 3}, kValid, 2, 2);
    const auto answer = [&](int x, std::int32_t cells, std::int32_t times, std::int32_t of, float red,
                            const std::vector<float>& bias) {
        const std::int32_t channels = times * of;
        std::vector<float> weights(static_cast<std::size_t>(3 * channels)), biases;
        for (std::size_t i = 0; i < weights.size(); i += 3) weights[i] = red;
        for (int i = 0; i < times; ++i) biases.insert(biases.end(), bias.begin(), bias.end());
        const int made = network.conv(x, network.constant({channels, 1, 1, 3}, weights),
                                      network.constant({channels}, biases), {1, cells, cells, channels}, kValid, 1);
        return network.node(kReshape, {made}, {1, cells * cells * times, of});
    };
    const int places =
        network.node(kConcatenation, {answer(fine, 16, 2, 16, 0, numbers), answer(coarse, 8, 6, 16, 0, numbers)},
                     {1, 896, 16}, 10, {{0, 1}});
    // Only the fine cells tell faces. Red goes from −1 to 1: a logit of 3 for full red.
    const int scores = network.node(
        kConcatenation, {answer(fine, 16, 2, 1, (3 - grey) / 2, {(3 + grey) / 2}), answer(coarse, 8, 6, 1, 0, {-200})},
        {1, 896, 1}, 10, {{0, 1}});
    return network.file({scores, places});
}

class MediapipeDetectorTest : public ::testing::Test {
 protected:
    MediapipeDetector detector(bool tiles = false) {
        MediapipeDetectorOptions options;
        options.model = folder_.fill("red.tflite", red_faces()).string();
        options.tiles = tiles;
        return MediapipeDetector(options);
    }
    /// A black photo with a red square.
    static Image red_at(ImageSize size, int left, int top, int side) {
        Image photo(size.width, size.height);
        for (int y = top; y < top + side; ++y)
            for (int x = left; x < left + side; ++x) photo.pixel(x, y)[0] = 255;
        return photo;
    }
    TemporaryFolder folder_;
};

void expect_box(const Box& box, float x, float y, float width, float height) {
    EXPECT_NEAR(box.x, x, 1e-3);
    EXPECT_NEAR(box.y, y, 1e-3);
    EXPECT_NEAR(box.width, width, 1e-3);
    EXPECT_NEAR(box.height, height, 1e-3);
}

TEST_F(MediapipeDetectorTest, TellsTheFaceOfACellInPixelsOfThePhoto) {
    const std::vector<Face> faces = detector().detect(red_at({128, 128}, 48, 64, 8));
    ASSERT_EQ(faces.size(), 1U) << "both anchors of the cell are one face";
    EXPECT_NEAR(faces[0].score, 1 / (1 + std::exp(-3.0)), 1e-5);
    expect_box(faces[0].box_in_photo, 52 + 2 - 20, 68 - 1 - 25, 40, 50);
    ASSERT_EQ(faces[0].landmarks_in_photo.size(), 5U);
    EXPECT_NEAR(faces[0].landmarks_in_photo[0].x, 52 - 8 - 0.5, 1e-3);
    EXPECT_NEAR(faces[0].landmarks_in_photo[2].y, 68 - 1 - 0.5, 1e-3);
    const Point &left = faces[0].landmarks_in_photo[3], &right = faces[0].landmarks_in_photo[4];
    EXPECT_NEAR((left.x + right.x) / 2, 52 + 2 - 0.5, 1e-3) << "the middle of the mouth is known";
    EXPECT_NEAR(right.x - left.x, 0.842 * 20, 0.01) << "its width is derived";
}

TEST_F(MediapipeDetectorTest, APhotoThatIsWideLiesBetweenBars) {
    // Shrunk four times; 32 px of bar above it.
    const std::vector<Face> faces = detector().detect(red_at({512, 256}, 192, 128, 32));
    ASSERT_EQ(faces.size(), 1U);
    expect_box(faces[0].box_in_photo, 4 * (52 + 2 - 20), 4 * (32 + 4 - 1 - 25), 160, 200);
}

TEST_F(MediapipeDetectorTest, FindsInPiecesWhatIsTooSmallInTheWhole) {
    const Image photo = red_at({600, 400}, 400, 300, 3);
    EXPECT_TRUE(detector().detect(photo).empty());
    const std::vector<Face> faces = detector(true).detect(photo);
    ASSERT_FALSE(faces.empty());
    const Box& box = faces[0].box_in_photo;
    EXPECT_NEAR(box.x + box.width / 2, 402, 8);
    EXPECT_NEAR(box.y + box.height / 2, 301, 8);
}

TEST_F(MediapipeDetectorTest, NobodyThereIsAnEmptyAnswer) {
    for (const ImageSize size : {ImageSize{0, 0}, {1, 1}, {3000, 1}, {1, 3000}, {19, 25}})
        for (const bool tiles : {false, true})
            EXPECT_TRUE(detector(tiles).detect(Image(size.width, size.height, 60)).empty())
                << size.width << " × " << size.height;
}

TEST_F(MediapipeDetectorTest, RefusesAnotherNetwork) {
    Network network({1, 128, 128, 3});
    MediapipeDetectorOptions options;
    options.model =
        folder_.fill("other.tflite", network.file({network.pool(kMaxPool, 0, {1, 16, 16, 3}, kValid, 8, 8)})).string();
    EXPECT_THROW(MediapipeDetector{options}, ModelError);
}

/// MediaPipe's own files, where a copy lies beside the project, on NASA's portrait of Eileen Collins: one face, its
/// centre near (222, 117), about 100 px wide.
class PublishedMediapipe : public ::testing::TestWithParam<const char*> {};

TEST_P(PublishedMediapipe, FindsTheOneFaceOfAPortrait) {
    MediapipeDetectorOptions options;
    options.model = (std::filesystem::path(AFFECTSR_SOURCE_DIR) / ".." / "shared" / "weights" / "mediapipe" /
                     (std::string(GetParam()) + ".tflite"))
                        .string();
    if (!std::filesystem::exists(options.model)) GTEST_SKIP() << "no copy of " << options.model;
    const Image photo = read_image(std::filesystem::path(AFFECTSR_SOURCE_DIR) / "examples" / "astronaut.png");
    const std::vector<Face> faces = MediapipeDetector(options).detect(photo);
    ASSERT_EQ(faces.size(), 1U);
    EXPECT_GT(overlap_of(faces[0].box_in_photo, {178, 65, 91, 111}), 0.5);
    const Landmarks wanted{{203, 103}, {247, 104}, {224, 127}, {204, 143}, {242, 143}};
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_NEAR(faces[0].landmarks_in_photo.at(i).x, wanted[i].x, 7) << i;
        EXPECT_NEAR(faces[0].landmarks_in_photo.at(i).y, wanted[i].y, 7) << i;
    }
}

INSTANTIATE_TEST_SUITE_P(MediapipeDetector, PublishedMediapipe,
                         ::testing::Values("face_detection_full_range", "face_detection_full_range_sparse",
                                           "face_detection_short_range", "face_detector", "face_detection_back"));

}  // namespace
}  // namespace affectsr
