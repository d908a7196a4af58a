#include "affectsr/experiment/restoration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "affectsr/base/temporary_folder.h"
#include "affectsr/detect/landmark_net.h"
#include "affectsr/experiment/test_dataset.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/edsr.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {
namespace {

/// Restores a flat face flat, `darker` grey levels under what it was given; a crop of level `refused` not at all.
struct Darker : Restorer {
    int darker = 0, refused = -1, landmarks = 0, made_px = kRestoredPx;
    RestorerNeeds needs() const override {
        return {.input_px = 0, .scale = 0, .output_px = made_px, .landmarks = landmarks};
    }
    std::vector<Restored> restore_all(std::span<const FaceCrop> crops) const override {
        std::vector<Restored> answers;
        for (const FaceCrop& crop : crops) {
            const int level = crop.pixels.pixel(0, 0)[0];
            const auto [left, right] =
                std::minmax_element(crop.landmarks_in_crop.begin(), crop.landmarks_in_crop.end(),
                                    [](const Point& one, const Point& other) { return one.x < other.x; });
            if (left != right) {
                EXPECT_LT(right->x - left->x, static_cast<float>(crop.pixels.width)) << "pixels of the small face";
            }
            if (level == refused)
                answers.push_back({{}, "restorer_not_finite"});
            else
                answers.push_back({Image(made_px, made_px, static_cast<std::uint8_t>(level - darker)), ""});
        }
        return answers;
    }
};

/// Reads level / 10 as the class.
struct LevelJudge : Classifier {
    ClassifierNeeds needs() const override { return {kRestoredPx, 3}; }
    std::vector<std::string> heads() const override { return {"expression"}; }
    std::vector<Expression> classify_all(std::span<const Image> faces, const std::string&, FaceSizes) const override {
        std::vector<Expression> answers;
        for (const Image& face : faces)
            answers.push_back(sure_of(static_cast<Emotion>(face.pixel(0, 0)[0] / 10), 0.9F));
        return answers;
    }
    Image network_input(const Image& face) const override { return face; }
};

/// Finds the whole picture, and nobody in black ones.
struct WholePicture : Detector {
    std::vector<Face> detect(const Image& photo) const override {
        if (photo.pixel(64, 64)[0] == 0) return {};
        const auto side = static_cast<float>(photo.width);
        return {{{0, 0, side, side}, {}, 1}};
    }
};

/// Puts the points as many hundredths of the eye distance to the right as the picture has grey levels; of black ones it
/// is not sure.
struct RightByLevel : Landmarker {
    std::vector<LandmarkedFace> locate_all(std::span<const FaceCrop> crops) const override {
        std::vector<LandmarkedFace> faces;
        for (const FaceCrop& crop : crops) {
            const std::vector<float> rest = mesh_at_rest(crop.pixels.width);
            LandmarkedFace face;
            for (std::size_t i = 0; i < rest.size(); i += 3)
                face.landmarks_in_crop.push_back({rest[i], rest[i + 1], rest[i + 2]});
            const float step = static_cast<float>(crop.pixels.pixel(0, 0)[0]) / 100;
            const float eyes = face.landmarks_in_crop[263].x - face.landmarks_in_crop[33].x;
            for (Point& point : face.landmarks_in_crop) point.x += step * eyes;
            face.face_score = crop.pixels.pixel(0, 0)[0] == 0 ? 0 : 0.9F;
            faces.push_back(face);
        }
        return faces;
    }
};

class RestorationTest : public ::testing::Test {
 protected:
    void SetUp() override {
        for (const Emotion emotion : {Emotion::happiness, Emotion::happiness, Emotion::sadness, Emotion::fear})
            samples_.push_back(labelled(std::nullopt, face_of(emotion, 160)));
    }
    Report report(int darker, int refused = -1, int landmarks = 0, int made_px = kRestoredPx) const {
        RestorationParty party;
        auto restorer = std::make_unique<Darker>();
        restorer->darker = darker, restorer->refused = refused, restorer->landmarks = landmarks;
        restorer->made_px = made_px;
        party.restorers.push_back({"darker", "", std::move(restorer)});
        party.judges.push_back({"level", "", std::make_unique<LevelJudge>()});
        party.detector = std::make_unique<WholePicture>();
        party.landmarker = std::make_unique<RightByLevel>();
        return restoration_report(TestDataset(samples_), party, options_, {});
    }
    std::vector<Sample> samples_;
    RestorationOptions options_;
};

TEST_F(RestorationTest, WhoRestoresTheOriginalChangesNothing) {
    const Json row = report(0).rows.at(0);
    EXPECT_EQ(row["n"], 4);
    EXPECT_TRUE(row["psnr_y"].is_null()) << "infinite";
    EXPECT_NEAR(row["ssim_y"].get<double>(), 1, 1e-9);
    EXPECT_NEAR(row["ecm"].get<double>(), std::log(1e-12), 1e-9);
    EXPECT_EQ(row["flip_rate"], 0.0);
    EXPECT_EQ(row["landmark_shift"], 0.0);
    EXPECT_EQ(row["landmark_n"], 4);
    EXPECT_EQ(row["fell_back"], 0);
}

TEST_F(RestorationTest, EveryMeasureSeesWhatTheRestorerDid) {
    const Json row = report(10).rows.at(0);
    const double error = 10 * 219.0 / 255;
    EXPECT_NEAR(row["psnr_y"].get<double>(), 20 * std::log10(255 / error), 1e-9);
    EXPECT_NEAR(row["psnr_rgb"].get<double>(), 20 * std::log10(25.5), 1e-9);
    EXPECT_EQ(row["flip_rate"], 1.0);
    EXPECT_EQ(row["flips"][1][0], 2) << "two of happiness are read as neutral";
    EXPECT_EQ(row["flip_labels"][1], "happiness");
    EXPECT_NEAR(row["landmark_shift"].get<double>(), 0.1, 1e-4);
    EXPECT_NEAR(row["l_conf"].get<double>(), 0, 1e-9) << "it is as sure as before, of something else";
    EXPECT_GT(row["l_h"].get<double>(), 1);
}

// GFPGAN and CodeFormer make faces of 512 px.
TEST_F(RestorationTest, LargerPicturesAreReducedBeforeTheyAreCompared) {
    Json same = report(10).rows.at(0), larger = report(10, -1, 0, 4 * kRestoredPx).rows.at(0);
    for (const char* figure : {"n", "psnr_y", "ssim_y", "flip_rate", "landmark_shift", "fell_back"})
        EXPECT_EQ(larger[figure], same[figure]) << figure;
}

TEST_F(RestorationTest, ConventionsOfEcmReachTheRows) {
    const double density = report(10).rows.at(0)["l_h"].get<double>();
    options_.ecm.histogram = "share";
    EXPECT_NEAR(report(10).rows.at(0)["l_h"].get<double>(), density / 100, 1e-9);
}

TEST_F(RestorationTest, AFaceThatTheRestorerRefusesIsBicubicAndCounted) {
    const Json row = report(10, 20).rows.at(0);  // sadness
    EXPECT_EQ(row["fell_back"], 1);
    EXPECT_EQ(row["flips"][2][2], 1) << "bicubic keeps a flat face";
    EXPECT_EQ(row["flip_rate"], 0.75);
}

TEST_F(RestorationTest, PointsCountOfFacesThatAreFound) {
    samples_.push_back(labelled(std::nullopt, Image(kRestoredPx, kRestoredPx, 0)));
    EXPECT_EQ(report(0).rows.at(0)["n"], 5);
    EXPECT_EQ(report(0).rows.at(0)["landmark_n"], 4);
}

TEST_F(RestorationTest, ARestorerThatNeedsPointsGetsThoseOfTheSmallFace) {
    samples_.push_back(labelled(std::nullopt, Image(kRestoredPx, kRestoredPx, 0)));
    for (const int landmarks : {5, 478}) {
        const Json row = report(0, -1, landmarks).rows.at(0);
        EXPECT_EQ(row["fell_back"], 1) << "the black one alone has none";
    }
}

TEST_F(RestorationTest, PicturesThatAreBrokenOrTooSmallAreFailedInputs) {
    samples_.push_back(labelled(std::nullopt, {}));
    samples_.push_back(labelled(std::nullopt, Image(127, 200)));
    const Report told = report(0);
    ASSERT_EQ(told.failed.size(), 2U);
    EXPECT_EQ(told.failed[0].code, "truncated");
    EXPECT_EQ(told.failed[1].code, "too_small");
    EXPECT_EQ(told.rows.at(0)["n"], 4);
}

TEST_F(RestorationTest, ALimitTakesTheFirst) {
    options_.limit = 2;
    EXPECT_EQ(report(10).rows.at(0)["flips"][1][0], 2);
    EXPECT_EQ(report(10).rows.at(0)["n"], 2);
    samples_.clear();
    EXPECT_THROW(report(0), UsageError);
}

TEST_F(RestorationTest, RefusesWhatDoesNotFit) {
    const TemporaryFolder folder;
    EdsrOptions twice;
    twice.features = 4, twice.blocks = 1, twice.scale = 2;
    ModelFile model;
    model.card.network = "edsr";
    model.card.options = affectsr::to_json(twice);
    model.tensors = first_weights(edsr(twice).plan, 1);
    model.save(folder / "edsr.safetensors");
    options_.restorers = {"edsr=" + (folder / "edsr.safetensors").string()};
    EXPECT_THROW(restoration_party(options_), UsageError) << "it enlarges twice, asked for is four times";
    options_.restorers = {"bicubic", "bicubic"};
    EXPECT_THROW(restoration_party(options_), UsageError);
    options_.restorers = {};
    EXPECT_THROW(restoration_party(options_), UsageError);
    options_.restorers = {"bicubic"};
    options_.scale = 3;
    EXPECT_THROW(restoration_party(options_), UsageError);
    options_.scale = 4;
    options_.judges = {"nobody"};
    EXPECT_THROW(restoration_party(options_), ModelError);
    options_.judges = {"small_net"};
    options_.features = "alex";
    EXPECT_THROW(restoration_party(options_), UsageError) << "without a file";
    options_.features = "";
    options_.feature_heads = "heads.pth";
    EXPECT_THROW(restoration_party(options_), UsageError) << "heads of no network";
}

}  // namespace
}  // namespace affectsr
