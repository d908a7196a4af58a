#include "affectsr/detect/network_landmarker.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/detect/landmark_net.h"
#include "affectsr/face/mesh.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

/// Weights that see nothing: every answer is the mean face, surely one, expected to be e^−3 off.
ModelFile that_sees_nothing(const LandmarkNetwork& network) {
    ModelFile file;
    file.tensors = first_weights(network.plan, 1);
    const auto set = [&](const char* name, float value) {
        HostTensor& tensor = file.tensors.at(name);
        tensor = HostTensor::from_floats(std::vector<float>(static_cast<std::size_t>(tensor.count()), value),
                                         tensor.shape());
    };
    for (const char* name : {"points.weight", "error.weight", "face.weight"}) set(name, 0);
    set("error.bias", -0.5F);  // added to the e^−2.5 that it begins with
    set("face.bias", 5);
    return file;
}

class NetworkLandmarkerTest : public ::testing::Test {
 protected:
    LandmarkNetwork network = landmark_net({});
    NetworkLandmarkerOptions exactly = {"", "f32"};
};

FaceCrop crop_of(int px, int seed = 0) {
    FaceCrop crop;
    crop.pixels = stripes(px, px, seed);
    return crop;
}

TEST_F(NetworkLandmarkerTest, GivesPointsInPixelsOfEachCrop) {
    const NetworkLandmarker landmarker(network, that_sees_nothing(network), exactly, "made up");
    const std::vector<FaceCrop> crops{crop_of(8), crop_of(64), crop_of(100)};
    const std::vector<LandmarkedFace> faces = landmarker.locate_all(crops);
    ASSERT_EQ(faces.size(), 3U);
    for (std::size_t i = 0; i < faces.size(); ++i) {
        ASSERT_EQ(faces[i].landmarks_in_crop.size(), kMeshPoints);
        const std::vector<float> mean = mesh_at_rest(crops[i].pixels.width);
        for (const std::size_t point : {std::size_t{1}, kMeshLeftEyeCorner, std::size_t{477}}) {
            EXPECT_NEAR(faces[i].landmarks_in_crop[point].x, mean[3 * point], 1e-3);
            EXPECT_NEAR(faces[i].landmarks_in_crop[point].y, mean[3 * point + 1], 1e-3);
            EXPECT_NEAR(faces[i].landmarks_in_crop[point].z, mean[3 * point + 2], 1e-3);
        }
        EXPECT_NEAR(faces[i].face_score, 0.9933, 1e-3);
        ASSERT_TRUE(faces[i].expected_error.has_value());
        EXPECT_NEAR(*faces[i].expected_error, 0.0498, 1e-3);
    }
}

TEST_F(NetworkLandmarkerTest, AnswersDoNotDependOnWhoIsAskedAboutBeside) {
    ModelFile file;
    file.tensors = first_weights(network.plan, 3);
    const NetworkLandmarker landmarker(network, file, exactly, "made up");
    std::vector<FaceCrop> crops;
    for (int i = 0; i < 19; ++i) crops.push_back(crop_of(12 + i, i));
    const std::vector<LandmarkedFace> together = landmarker.locate_all(crops);
    for (const std::size_t i : {0U, 15U, 18U}) {
        const LandmarkedFace alone = landmarker.locate_all(std::span(crops).subspan(i, 1))[0];
        EXPECT_NEAR(alone.landmarks_in_crop[100].x, together[i].landmarks_in_crop[100].x, 1e-3);
        EXPECT_NEAR(alone.face_score, together[i].face_score, 1e-4);
    }
    EXPECT_TRUE(landmarker.locate_all({}).empty());
}

TEST_F(NetworkLandmarkerTest, ABrokenNetworkIsNotSure) {
    ModelFile file = that_sees_nothing(network);
    HostTensor& bias = file.tensors.at("points.bias");
    bias = HostTensor::from_floats(std::vector<float>(3 * kMeshPoints, std::numeric_limits<float>::quiet_NaN()),
                                   bias.shape());
    const LandmarkedFace face =
        NetworkLandmarker(network, file, exactly, "made up").locate_all(std::vector{crop_of(20)})[0];
    EXPECT_EQ(face.face_score, 0);
    EXPECT_GT(*face.expected_error, 100);
}

TEST_F(NetworkLandmarkerTest, RefusesWhatItCannotPlay) {
    ModelFile file = that_sees_nothing(network);
    const NetworkLandmarker landmarker(network, file, exactly, "made up");
    EXPECT_THROW(landmarker.locate_all(std::vector{crop_of(7)}), Bug);
    file.tensors.erase("hidden.weight");
    EXPECT_THROW(NetworkLandmarker(network, file, exactly, "made up"), ModelError);
}

}  // namespace
}  // namespace affectsr
