#include "affectsr/detect/opencv.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/face/overlap.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/resize.h"

namespace affectsr {
namespace {

/// NASA's portrait of Eileen Collins, 512 × 512 px: one face, its centre near (222, 117), about 100 px wide.
const Image& portrait() {
    static const Image photo = read_image(std::filesystem::path(AFFECTSR_SOURCE_DIR) / "examples" / "astronaut.png");
    return photo;
}

Image shrunk(double factor) {
    const int side = static_cast<int>(std::lround(512 * factor));
    return resize(portrait(), {side, side}, Filter::bicubic);
}

/// A file with the given bytes that is gone after the test.
class TemporaryFile {
 public:
    explicit TemporaryFile(const std::string& content)
        : path_(std::filesystem::temp_directory_path() /
                ("affectsr_opencv_test_" + std::to_string(reinterpret_cast<std::uintptr_t>(this)))) {
        std::ofstream(path_, std::ios::binary) << content;
    }
    ~TemporaryFile() { std::filesystem::remove(path_); }
    std::string name() const { return path_.string(); }

 private:
    std::filesystem::path path_;
};

template <class Throwing>
std::string code_of(Throwing throwing) {
    try {
        throwing();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()), "");
        return error.code();
    }
    return "nothing thrown";
}

void expect_the_astronaut(const std::vector<Face>& faces, double scale) {
    ASSERT_EQ(faces.size(), 1U);
    const Box& box = faces[0].box_in_photo;
    EXPECT_NEAR(box.x + box.width / 2, 222 * scale, 12 * scale);
    EXPECT_NEAR(box.y + box.height / 2, 117 * scale, 15 * scale);
    EXPECT_GT(faces[0].score, 0.5F);
    EXPECT_LE(faces[0].score, 1.0F);
}

TEST(Opencv, HaarFindsTheOneFaceOfAPortrait) {
    const std::vector<Face> faces = Haar({}).detect(portrait());
    expect_the_astronaut(faces, 1);
    EXPECT_NEAR(faces[0].box_in_photo.width, 105, 20);
    EXPECT_FLOAT_EQ(faces[0].box_in_photo.width, faces[0].box_in_photo.height);
    EXPECT_TRUE(faces[0].landmarks_in_photo.empty());
}

TEST(Opencv, HaarFindsFacesOfTwentyFourPixelsAndFewer) {
    const Haar haar({});
    for (const double face_px : {48.0, 24.0, 18.0}) {
        SCOPED_TRACE(face_px);
        const std::vector<Face> faces = haar.detect(shrunk(face_px / 105));
        expect_the_astronaut(faces, face_px / 105);
        EXPECT_NEAR(faces[0].box_in_photo.width, face_px, 0.2 * face_px);
    }
}

TEST(Opencv, NobodyThereIsAnEmptyAnswer) {
    const Haar haar({});
    EXPECT_TRUE(haar.detect(Image(300, 200, 128)).empty());
    EXPECT_TRUE(haar.detect(Image()).empty());
    for (const ImageSize size : {ImageSize{1, 1}, {3000, 1}, {1, 3000}, {19, 25}, {5000, 30}})
        EXPECT_TRUE(haar.detect(Image(size.width, size.height, 60)).empty()) << size.width << " × " << size.height;
}

TEST(Opencv, AFaceOnTheSeamOfTwoTilesIsFoundOnce) {
    // Tiles of a 2200-px photo meet at 1/3 and 2/3; the face is centred on each corner of four tiles.
    const Image small = shrunk(40.0 / 105);  // centre at about (85, 45)
    Image photo(2200, 2200, 90);
    for (const int corner : {733, 1467}) {
        for (int y = 0; y < small.height; ++y)
            std::copy_n(small.pixel(0, y), small.width * 3, photo.pixel(corner - 85, corner - 45 + y));
    }
    const std::vector<Face> faces = Haar({}).detect(photo);
    ASSERT_EQ(faces.size(), 2U);
    for (const Face& face : faces) EXPECT_NEAR(face.box_in_photo.width, 40, 8);
}

TEST(Opencv, ThreadsSearchingAtOnceGetTheSameAnswer) {
    const Haar haar({});
    const Image photo = shrunk(0.5);
    const std::vector<Face> alone = haar.detect(photo);
    ASSERT_EQ(alone.size(), 1U);
    std::vector<std::vector<Face>> together(4);
    std::vector<std::thread> threads;
    for (std::vector<Face>& faces : together) threads.emplace_back([&] { faces = haar.detect(photo); });
    for (std::thread& thread : threads) thread.join();
    for (const std::vector<Face>& faces : together) {
        ASSERT_EQ(faces.size(), 1U);
        EXPECT_EQ(faces[0].box_in_photo.x, alone[0].box_in_photo.x);
        EXPECT_EQ(faces[0].score, alone[0].score);
    }
}

TEST(Opencv, ACascadeThatIsMissingOrDamagedIsNamed) {
    HaarOptions options;
    options.model = "/nowhere/cascade.xml";
    EXPECT_EQ(code_of([&] { const Haar haar(options); }), "no_such_model");
    for (const std::string content :
         {"", "not xml at all", "<?xml version=\"1.0\"?><opencv_storage></opencv_storage>"}) {
        const TemporaryFile file(content);
        options.model = file.name();
        EXPECT_EQ(code_of([&] { const Haar haar(options); }), "model_damaged") << content;
    }
}

TEST(Opencv, YunetWithoutAUsableFileIsNamed) {
    EXPECT_EQ(code_of([] { const OpencvYunet yunet({}); }), "no_detector_model");
    OpencvYunetOptions options;
    options.model = "/nowhere/yunet.onnx";
    EXPECT_EQ(code_of([&] { const OpencvYunet yunet(options); }), "no_such_model");
    const TemporaryFile file("no network");
    options.model = file.name();
    EXPECT_EQ(code_of([&] { const OpencvYunet yunet(options); }), "model_damaged");
}

/// Its file where there is one: AFFECTSR_TEST_YUNET, or the shared weights beside the source; else "".
std::string yunet_file() {
    if (const char* const named = std::getenv("AFFECTSR_TEST_YUNET")) return named;
    const std::filesystem::path shared = std::filesystem::path(AFFECTSR_SOURCE_DIR).parent_path() / "shared" /
                                         "weights" / "yunet" / "face_detection_yunet_2022mar.onnx";
    std::error_code ignored;
    return std::filesystem::is_regular_file(shared, ignored) ? shared.string() : "";
}

/// With YuNet, where its file is.
class OpencvTest : public testing::Test {
 protected:
    void SetUp() override {
        OpencvYunetOptions options;
        options.model = yunet_file();
        if (options.model.empty())
            GTEST_SKIP() << "set AFFECTSR_TEST_YUNET to a face_detection_yunet_2022mar.onnx to run this";
        yunet = std::make_unique<OpencvYunet>(options);
    }
    std::unique_ptr<OpencvYunet> yunet;
};

/// The portrait turned clockwise by quarters.
Image turned(int quarters) {
    Image photo = portrait();
    for (; quarters > 0; --quarters) {
        Image next(photo.height, photo.width);
        for (int y = 0; y < next.height; ++y)
            for (int x = 0; x < next.width; ++x) std::copy_n(photo.pixel(y, photo.height - 1 - x), 3, next.pixel(x, y));
        photo = std::move(next);
    }
    return photo;
}

TEST_F(OpencvTest, YunetFindsTheFaceWithItsLandmarks) {
    EXPECT_EQ(yunet->landmarks(), 5);
    for (const double scale : {1.0, 0.5, 0.25}) {
        SCOPED_TRACE(scale);
        const std::vector<Face> faces = yunet->detect(shrunk(scale));
        expect_the_astronaut(faces, scale);
        const Landmarks& points = faces[0].landmarks_in_photo;
        ASSERT_EQ(points.size(), 5U);
        // Eyes, nose and mouth corners as one sees them in the portrait, in its pixels.
        const std::vector<Point> seen{{204, 108}, {246, 107}, {230, 130}, {209, 145}, {244, 145}};
        for (std::size_t i = 0; i < 5; ++i) {
            EXPECT_NEAR(points[i].x, static_cast<double>(seen[i].x) * scale, 12 * scale) << "point " << i;
            EXPECT_NEAR(points[i].y, static_cast<double>(seen[i].y) * scale, 12 * scale) << "point " << i;
        }
    }
}

TEST_F(OpencvTest, YunetsBoxIsWhereHaarSeesTheFace) {
    for (const double scale : {1.0, 0.5, 0.25}) {
        const std::vector<Face> ours = yunet->detect(shrunk(scale)), haars = Haar({}).detect(shrunk(scale));
        ASSERT_EQ(ours.size(), 1U);
        ASSERT_EQ(haars.size(), 1U);
        EXPECT_GT(overlap_of(ours[0].box_in_photo, haars[0].box_in_photo), 0.5) << scale;
    }
}

TEST_F(OpencvTest, YunetFindsTheFaceOfAPhotographThatIsUpsideDown) {
    const std::vector<Face> faces = yunet->detect(turned(2));
    ASSERT_FALSE(faces.empty());
    // Its place is right; its landmarks are those of an upright face (docs/undetermined.md).
    const Box& box = faces[0].box_in_photo;
    EXPECT_NEAR(box.x + box.width / 2, 511 - 222, 25);
    EXPECT_NEAR(box.y + box.height / 2, 511 - 117, 25);
}

TEST_F(OpencvTest, YunetSaysThatNobodyThereIsAnEmptyAnswer) {
    EXPECT_TRUE(yunet->detect(Image(300, 200, 128)).empty());
    EXPECT_TRUE(yunet->detect(Image(1, 1, 128)).empty());
}

}  // namespace
}  // namespace affectsr
