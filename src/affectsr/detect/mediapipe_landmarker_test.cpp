#include "affectsr/detect/mediapipe_landmarker.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <span>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/detect/test_mediapipe.h"
#include "affectsr/face/align.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/resize.h"

namespace affectsr {
namespace {

class MediapipeLandmarkerTest : public ::testing::Test {
 protected:
    MediapipeLandmarker landmarker(int passes) {
        return MediapipeLandmarker({folder_.fill("face.tflite", unmoved_face()).string(), passes});
    }
    static FaceCrop crop(int side, std::uint8_t level) {
        FaceCrop crop;
        crop.pixels = Image(side, side, level);
        return crop;
    }
    TemporaryFolder folder_;
};

TEST_F(MediapipeLandmarkerTest, PointsAreToldInPixelsOfTheCropAndDepthInTheSameUnit) {
    const std::vector<FaceCrop> crops{crop(100, 255), crop(50, 0)};
    const std::vector<LandmarkedFace> faces = landmarker(1).locate_all(crops);
    ASSERT_EQ(faces.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        const Landmarks& points = faces[i].landmarks_in_crop;
        ASSERT_EQ(points.size(), 478U);
        const double side = crops[i].pixels.width, square = double{points[16].z} * 16;  // 256 px of the network
        EXPECT_NEAR((points[0].x + points[1].x) / 2, side / 2 - 0.5, 1e-3) << "the square is centred across";
        EXPECT_NEAR(points[1].x - points[0].x, square * 100 / 256, 1e-3);
        EXPECT_NEAR(points[2].y - points[0].y, square * 128 / 256, 1e-3);
        EXPECT_GT(square, side) << "it looks past the template's crop";
        EXPECT_FALSE(faces[i].expected_error.has_value());
    }
    EXPECT_NEAR(faces[0].face_score, 1 / (1 + std::exp(-4.0)), 1e-5);
    EXPECT_NEAR(faces[1].face_score, 1 / (1 + std::exp(4.0)), 1e-5);
}

TEST_F(MediapipeLandmarkerTest, TheSecondLookIsTurnedAndSizedByTheFirst) {
    const std::vector<FaceCrop> crops{crop(100, 90)};
    const Landmarks once = landmarker(1).locate_all(crops)[0].landmarks_in_crop,
                    twice = landmarker(2).locate_all(crops)[0].landmarks_in_crop;
    // The first look's mesh is half a square high; the second looks at 1.5 times that, so at 0.75 of the square.
    EXPECT_NEAR(twice[0].z, 0.75F * once[0].z, 1e-4);
    const auto angle = [](const Landmarks& points) {
        return std::atan2(points[kRightCorner].y - points[kLeftCorner].y,
                          points[kRightCorner].x - points[kLeftCorner].x);
    };
    EXPECT_NEAR(angle(twice), 2 * angle(once), 1e-5) << "the network tells its slope once more";
    const auto middle = [](const Landmarks& points) {
        return Point{(points[0].x + points[3].x) / 2, (points[0].y + points[3].y) / 2};
    };
    EXPECT_NEAR(middle(twice).x, middle(once).x, 1e-3);
    EXPECT_NEAR(middle(twice).y, middle(once).y, 1e-3);
}

TEST_F(MediapipeLandmarkerTest, InAPhotoItFindsWhatItFindsInACropOfTheSameFace) {
    const Image photo(300, 200, 90);
    Face face;
    face.box_in_photo = {120, 60, 70, 80};
    const FaceCrop crop = cut(photo, face, 96);
    const Landmarks in_crop = landmarker(2).locate_all(std::span(&crop, 1))[0].landmarks_in_crop,
                    in_photo = landmarker(2).locate_in(photo, face).landmarks_in_crop;
    for (const std::size_t i : {0, 1, 2, kLeftCorner, kRightCorner}) {
        const Point wanted = crop.photo_from_crop.apply(in_crop[i]);
        EXPECT_NEAR(in_photo[i].x, wanted.x, 1e-3) << i;
        EXPECT_NEAR(in_photo[i].y, wanted.y, 1e-3) << i;
        EXPECT_NEAR(in_photo[i].z, wanted.z, 1e-3) << i;
    }
}

TEST_F(MediapipeLandmarkerTest, RefusesAnotherNetworkAndATinyCrop) {
    const auto other = folder_.fill("other.tflite", unmoved_face(468));
    EXPECT_THROW(MediapipeLandmarker({other.string(), 2}), ModelError);
    const std::vector<FaceCrop> crops{crop(7, 90)};
    EXPECT_THROW(landmarker(1).locate_all(crops), Bug);
}

/// MediaPipe's own file, where a copy lies beside the project, on NASA's portrait of Eileen Collins.
class PublishedLandmarker : public ::testing::Test {
 protected:
    void SetUp() override {
        if (!std::filesystem::exists(file())) GTEST_SKIP() << "no copy of " << file();
    }
    static std::filesystem::path file() {
        return std::filesystem::path(AFFECTSR_SOURCE_DIR) / ".." / "shared" / "weights" / "mediapipe" /
               "face_landmarks_detector.tflite";
    }
    /// The portrait's face with its five points, cut to `side` px.
    static Image portrait() {
        return read_image(std::filesystem::path(AFFECTSR_SOURCE_DIR) / "examples" / "astronaut.png");
    }
    static FaceCrop face(int side, double turned = 0) { return cut(portrait(), portrayed(turned), side); }
    static Face portrayed(double turned) {
        Face face;
        face.box_in_photo = {178, 65, 91, 111};
        face.landmarks_in_photo = {{203, 103}, {247, 104}, {224, 127}, {204, 143}, {242, 143}};
        const Point middle{224, 125};
        for (Point& point : face.landmarks_in_photo) {
            const auto x = double{point.x - middle.x}, y = double{point.y - middle.y};
            point.x = static_cast<float>(double{middle.x} + std::cos(turned) * x - std::sin(turned) * y);
            point.y = static_cast<float>(double{middle.y} + std::sin(turned) * x + std::cos(turned) * y);
        }
        return face;
    }
    static Landmarks in_photo(const MediapipeLandmarker& landmarker, const FaceCrop& crop) {
        Landmarks points = landmarker.locate_all(std::span(&crop, 1))[0].landmarks_in_crop;
        for (Point& point : points) point = crop.photo_from_crop.apply(point);
        return points;
    }
    static double mean_distance(const Landmarks& a, const Landmarks& b) {
        double sum = 0;
        for (std::size_t i = 0; i < a.size(); ++i) sum += double{std::hypot(a[i].x - b[i].x, a[i].y - b[i].y)};
        return sum / static_cast<double>(a.size());
    }
};

TEST_F(PublishedLandmarker, FindsTheSamePointsInLargeSmallAndTurnedCrops) {
    const MediapipeLandmarker landmarker({file().string(), 2});
    const Landmarks wanted = in_photo(landmarker, face(256));
    EXPECT_NEAR(wanted[kLeftCorner].x, 190, 8);
    EXPECT_NEAR(wanted[kRightCorner].x, 257, 8);
    constexpr double kEyes = 45;  // px apart
    EXPECT_LT(mean_distance(wanted, landmarker.locate_in(portrait(), portrayed(0)).landmarks_in_crop), 0.03 * kEyes);
    EXPECT_LT(mean_distance(wanted, in_photo(landmarker, face(128))), 0.02 * kEyes);
    EXPECT_LT(mean_distance(wanted, in_photo(landmarker, face(40))), 0.06 * kEyes);
    EXPECT_LT(mean_distance(wanted, in_photo(landmarker, face(256, 0.3))), 0.03 * kEyes);
}

TEST_F(PublishedLandmarker, TellsAFaceFromNone) {
    const MediapipeLandmarker landmarker({file().string(), 2});
    FaceCrop wall;
    wall.pixels = Image(128, 128, 140);
    const std::vector<FaceCrop> crops{face(128), wall};
    const std::vector<LandmarkedFace> faces = landmarker.locate_all(crops);
    EXPECT_GT(faces[0].face_score, 0.9F);
    EXPECT_LT(faces[1].face_score, 0.1F);
}

}  // namespace
}  // namespace affectsr
