#include "affectsr/experiment/landmarks.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/data/catalog.h"
#include "affectsr/data/landmark_labels.h"
#include "affectsr/detect/landmark_net.h"
#include "affectsr/face/mesh.h"
#include "affectsr/image/encode.h"

namespace affectsr {
namespace {

constexpr int kSidePx = 96;

Landmarks at_rest(int px) {
    const std::vector<float> numbers = mesh_at_rest(px);
    Landmarks mesh;
    for (std::size_t i = 0; i < numbers.size(); i += 3) mesh.push_back({numbers[i], numbers[i + 1], numbers[i + 2]});
    return mesh;
}

/// Says that every face is the mean face, `off` eye distances too far to the right; surer the darker the picture is.
struct AlwaysAtRest : Landmarker {
    double off = 0;
    bool says = true;
    std::vector<LandmarkedFace> locate_all(std::span<const FaceCrop> crops) const override {
        std::vector<LandmarkedFace> faces;
        for (const FaceCrop& crop : crops) {
            LandmarkedFace face;
            face.landmarks_in_crop = at_rest(crop.pixels.width);
            const double eyes = eye_distance(face.landmarks_in_crop);
            const float level = static_cast<float>(crop.pixels.rgb[0]) / 255;
            for (Point& point : face.landmarks_in_crop) point.x += static_cast<float>(off * eyes);
            face.face_score = level < 0.5F ? 0.9F : 0.1F;
            if (says) face.expected_error = level;
            faces.push_back(face);
        }
        return faces;
    }
};

/// Four faces of one level each that are framed as crops; two of them bright, the last with its mouth elsewhere.
class LandmarksTest : public ::testing::Test {
 protected:
    void SetUp() override {
        std::string manifest = "path,split\n";
        for (int i = 0; i < 4; ++i) {
            const std::string name = std::to_string(i) + ".png";
            const std::vector<std::uint8_t> bytes =
                encode_png(Image(kSidePx, kSidePx, static_cast<std::uint8_t>(60 * i + 20)));
            folder_.fill("faces/" + name, std::string(bytes.begin(), bytes.end()));
            manifest += name + ",val\n";
            labels_.faces.push_back({name, i + 2, at_rest(kSidePx), 0.9F});
        }
        for (const std::uint16_t point : {13, 14, 17}) labels_.faces[3].landmarks_in_picture[point].y += 10;
        folder_.fill("faces/manifest.csv", manifest);
        const auto dataset = open_dataset("manifest", {{"root", (folder_ / "faces").string()}});
        labels_.dataset = dataset->card().name;
        labels_.dataset_sha256 = dataset->card().sha256;
        write_landmark_labels(folder_ / "faces.safetensors", labels_);
        options_.labels = {(folder_ / "faces.safetensors").string()};
        options_.data = {(folder_ / "faces").string()};
        options_.sizes = {48, 12};
    }
    Report report(double off, bool says = true) const {
        std::vector<LandmarkerUnderTest> landmarkers(1);
        auto one = std::make_unique<AlwaysAtRest>();
        one->off = off, one->says = says;
        landmarkers[0].name = "rest";
        landmarkers[0].landmarker = std::move(one);
        return landmarks_report(landmarkers, options_, {});
    }
    TemporaryFolder folder_;
    LandmarkLabels labels_;
    LandmarksOptions options_;
};

TEST_F(LandmarksTest, WhoAnswersTheTruthIsNotOffAtAnySize) {
    options_.limit = 3;
    const Report all = report(0);
    ASSERT_EQ(all.rows.size(), 2U);
    EXPECT_EQ(all.rows[0]["size"], 48) << "the largest comes first";
    for (const Json& row : all.rows) {
        EXPECT_EQ(row["faces"], 3);
        EXPECT_LT(row["mean"].get<double>(), 2e-3) << row;
        EXPECT_EQ(row["over_tenth"].get<double>(), 0);
    }
}

TEST_F(LandmarksTest, AnErrorIsInEyeDistancesWhateverTheSize) {
    options_.limit = 3;
    for (const Json& row : report(0.12).rows) {
        EXPECT_NEAR(row["mean"].get<double>(), 0.12, 2e-3);
        EXPECT_NEAR(row["median"].get<double>(), 0.12, 2e-3);
        EXPECT_NEAR(row["eyes"].get<double>(), 0.12, 2e-3);
        EXPECT_EQ(row["over_tenth"].get<double>(), 1);
    }
}

TEST_F(LandmarksTest, RegionsRefusalsAndSelfKnowledgeAreTold) {
    const Json row = report(0).rows[0];
    EXPECT_EQ(row["faces"], 4);
    EXPECT_GT(row["lips"].get<double>(), 3 * row["eyes"].get<double>());
    EXPECT_EQ(row["refused"].get<double>(), 0.5);
    EXPECT_NEAR(row["expected"].get<double>(), (20 + 80 + 140 + 200) / 4.0 / 255, 0.01);
    EXPECT_GT(row["rank_correlation"].get<double>(), 0.2)
        << "the last face, of which it is least sure, is furthest off";
    EXPECT_TRUE(report(0, false).rows[0]["expected"].is_null());
    EXPECT_TRUE(report(0, false).rows[0]["rank_correlation"].is_null());
}

TEST_F(LandmarksTest, AJitterMovesTheCropAndNotTheTruth) {
    options_.limit = 3;
    options_.jitter = 0.1;
    const double off = report(0).rows[0]["mean"].get<double>();
    EXPECT_GT(off, 0.02);
    EXPECT_LT(off, 0.5);
    EXPECT_EQ(report(0).rows[0]["mean"], off) << "the same each time";
}

TEST_F(LandmarksTest, APictureThatCannotBeReadIsAFailedInput) {
    folder_.fill("faces/1.png", "no picture");
    const Report told = report(0);
    ASSERT_EQ(told.failed.size(), 1U);
    EXPECT_EQ(told.failed[0].row, 3);
    EXPECT_EQ(told.rows[0]["faces"], 3);
}

TEST_F(LandmarksTest, RefusesWhatDoesNotFit) {
    options_.data.push_back("another");
    EXPECT_THROW(report(0), UsageError);
    options_.labels.clear();
    EXPECT_THROW(report(0), UsageError);
    options_.landmarkers = {"x-ray"};
    EXPECT_THROW(landmarkers_of(options_), UsageError);
    options_.landmarkers = {};
    EXPECT_THROW(landmarkers_of(options_), UsageError);
}

}  // namespace
}  // namespace affectsr
