#include "affectsr/pipeline/restoration.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "affectsr/base/error.h"
#include "affectsr/pipeline/fake_parts.h"
#include "affectsr/pipeline/parts.h"

namespace affectsr {
namespace {

using fake::face_at;
using fake::textured_photo;

/// A restorer that answers as it is told, and keeps what it was given.
class Told : public Restorer {
 public:
    Told(RestorerNeeds needs, std::function<Restored(const FaceCrop&)> answer)
        : needs_(needs), answer_(std::move(answer)) {}
    RestorerNeeds needs() const override { return needs_; }
    std::vector<Restored> restore_all(std::span<const FaceCrop> crops) const override {
        std::vector<Restored> answers;
        for (const FaceCrop& crop : crops) {
            given.push_back(crop);
            answers.push_back(answer_(crop));
        }
        return answers;
    }
    mutable std::vector<FaceCrop> given;

 private:
    RestorerNeeds needs_;
    std::function<Restored(const FaceCrop&)> answer_;
};

Restored twice(const FaceCrop& crop) {
    return {resize(crop.pixels, {2 * crop.pixels.width, 2 * crop.pixels.height}, Filter::nearest), ""};
}

FaceCrop crop_of(int size_px) {
    FaceCrop crop;
    crop.pixels = textured_photo(size_px, size_px);
    return crop;
}

const RestorerNeeds kTwice{0, 2, 0, 0};

TEST(Restoration, TheRestorersPictureIsTaken) {
    const std::vector<FaceCrop> crops{crop_of(10), crop_of(12)};
    const std::vector<Restored> answers = restore_checked(Told(kTwice, twice), crops, 48);
    ASSERT_EQ(answers.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(answers[i].picture, twice(crops[i]).picture);
        EXPECT_EQ(answers[i].reason, "");
    }
    EXPECT_TRUE(restore_checked(Told(kTwice, twice), {}, 48).empty());
}

TEST(Restoration, APictureThatCannotBeAFaceLeadsToBicubicWithItsReason) {
    const std::vector<std::pair<std::function<Restored(const FaceCrop&)>, std::string>> cases{
        {[](const FaceCrop&) {
             return Restored{Image(20, 20, 0), ""};
         },
         "restorer_constant"},
        {[](const FaceCrop&) {
             return Restored{Image(20, 20, 255), ""};
         },
         "restorer_constant"},
        {[](const FaceCrop& crop) {
             return Restored{crop.pixels, ""};
         },
         "restorer_wrong_size"},
        {[](const FaceCrop&) { return Restored{}; }, "restorer_wrong_size"},
        {[](const FaceCrop& crop) {
             Restored short_of_bytes = twice(crop);
             short_of_bytes.picture.rgb.pop_back();
             return short_of_bytes;
         },
         "restorer_wrong_size"},
        {[](const FaceCrop&) {
             return Restored{{}, "restorer_not_finite"};
         },
         "restorer_not_finite"},
        {[](const FaceCrop& crop) {
             return Restored{twice(crop).picture, "gave_up"};
         },
         "gave_up"},
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const FaceCrop crop = crop_of(10);
        const std::vector<Restored> answers = restore_checked(Told(kTwice, cases[i].first), {&crop, 1}, 48);
        EXPECT_EQ(answers.at(0).reason, cases[i].second) << "case " << i;
        EXPECT_EQ(answers[0].picture, resize(crop.pixels, {48, 48}, Filter::bicubic)) << "case " << i;
    }
}

TEST(Restoration, OneBrokenPictureDoesNotSpoilTheOthers) {
    const std::vector<FaceCrop> crops{crop_of(10), crop_of(11), crop_of(12)};
    const Told restorer(kTwice, [](const FaceCrop& crop) {
        return crop.pixels.width == 11 ? Restored{{}, "restorer_not_finite"} : twice(crop);
    });
    const std::vector<Restored> answers = restore_checked(restorer, crops, 48);
    EXPECT_EQ(answers[0].picture.width, 20);
    EXPECT_EQ(answers[1].reason, "restorer_not_finite");
    EXPECT_EQ(answers[1].picture.width, 48);
    EXPECT_EQ(answers[2].picture.width, 24);
}

TEST(Restoration, ACropOfAnotherSizeIsResizedForTheRestorer) {
    const Told restorer({16, 2, 0, 0}, twice);
    const FaceCrop crop = crop_of(10);
    const std::vector<Restored> answers = restore_checked(restorer, {&crop, 1}, 48);
    EXPECT_EQ(restorer.given.at(0).pixels.size(), (ImageSize{16, 16}));
    EXPECT_EQ(answers.at(0).reason, "");
    EXPECT_EQ(answers[0].picture.size(), (ImageSize{32, 32}));
}

TEST(Restoration, ACropWithoutTheLandmarksIsNotGivenToARestorerThatNeedsThem) {
    const Told restorer({0, 2, 0, 5}, twice);
    std::vector<FaceCrop> crops(4, crop_of(10));
    crops[1].landmarks_in_crop.assign(5, {3, 3});
    crops[2].landmarks_in_crop.assign(478, {3, 3});
    crops[3].landmarks_in_crop.assign(5, {3, std::numeric_limits<float>::quiet_NaN()});
    const std::vector<Restored> answers = restore_checked(restorer, crops, 48);
    for (const std::size_t i : {0, 2, 3}) EXPECT_EQ(answers[i].reason, "restorer_needs_landmarks") << i;
    EXPECT_EQ(answers[1].reason, "");
    EXPECT_EQ(restorer.given.size(), 1U);
}

TEST(Restoration, ARestorerThatCanDoWithoutLandmarksIsGivenNoneAndItsReasonStaysBesideItsPicture) {
    const Told restorer({0, 2, 0, 478, true}, [](const FaceCrop& crop) {
        return Restored{twice(crop).picture, crop.landmarks_in_crop.empty() ? "no_landmarks" : ""};
    });
    std::vector<FaceCrop> crops(4, crop_of(10));
    crops[1].landmarks_in_crop.assign(5, {3, 3});
    crops[2].landmarks_in_crop.assign(478, {3, 3});
    crops[3].landmarks_in_crop.assign(478, {3, std::numeric_limits<float>::infinity()});
    const std::vector<Restored> answers = restore_checked(restorer, crops, 48);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(answers[i].reason, i == 2 ? "" : "no_landmarks") << i;
        EXPECT_EQ(answers[i].picture, twice(crops[i]).picture) << i;
        EXPECT_EQ(restorer.given.at(i).landmarks_in_crop.size(), i == 2 ? 478U : 0U) << i;
    }
}

TEST(Restoration, PointsThatAreMissingAreAskedForAndUnsureOnesAreNotGiven) {
    const auto landmarker = std::make_shared<fake::MeshAtRest>();
    landmarker->dark = 50;
    const PointFinder finder(landmarker);
    std::vector<FaceCrop> crops(3, crop_of(12));
    crops[0].landmarks_in_crop.assign(5, {3, 3});
    crops[1].landmarks_in_crop.assign(478, {3, 3});
    crops[2].pixels.pixel(0, 0)[0] = 10;
    const auto answer = [](const FaceCrop& crop) {
        return Restored{twice(crop).picture, crop.landmarks_in_crop.empty() ? "no_landmarks" : ""};
    };
    const Told optional({0, 2, 0, 478, true}, answer);
    std::vector<Restored> answers = restore_checked(optional, crops, 48, &finder);
    EXPECT_EQ(landmarker->sizes_seen.size(), 2U) << "the second has its points";
    EXPECT_EQ(answers[0].reason, "");
    EXPECT_EQ(answers[1].reason, "");
    EXPECT_EQ(answers[2].reason, "unsure_landmarks");
    EXPECT_EQ(answers[2].picture, twice(crops[2]).picture) << "restored all the same";
    EXPECT_TRUE(did_without_landmarks(answers[2].reason));
    EXPECT_EQ(optional.given[0].landmarks_in_crop[7].x, mesh_at_rest(12)[21]);
    EXPECT_EQ(optional.given[1].landmarks_in_crop[7].x, 3);

    answers = restore_checked(Told({0, 2, 0, 478}, answer), crops, 48, &finder);
    EXPECT_EQ(answers[0].reason, "");
    EXPECT_EQ(answers[2].reason, "restorer_needs_landmarks");

    landmarker->sizes_seen.clear();
    restore_checked(Told(kTwice, twice), crops, 48, &finder);
    EXPECT_TRUE(landmarker->sizes_seen.empty()) << "nobody looks at points";
}

TEST(Restoration, APipelineFindsThePointsOfTheSmallFaceForItsRestorer) {
    Image photo = textured_photo(200, 120);
    const auto landmarker = std::make_shared<fake::MeshAtRest>();
    auto restorer = std::make_unique<Told>(RestorerNeeds{0, 2, 0, 478}, [](const FaceCrop& crop) {
        EXPECT_EQ(crop.landmarks_in_crop.size(), 478U);
        EXPECT_LT(crop.landmarks_in_crop[0].x, static_cast<float>(crop.pixels.width));
        return twice(crop);
    });
    const Pipeline pipeline({}, std::make_unique<fake::Finder>(std::vector{face_at(20, 20, 24), face_at(100, 10, 90)}),
                            std::move(restorer), std::make_unique<fake::BrightnessReader>(),
                            std::make_unique<PointFinder>(landmarker));
    const Answer answer = pipeline.run(photo);
    EXPECT_EQ(answer.faces.at(0).look.restorer_reason, "");
    EXPECT_EQ(landmarker->sizes_seen, (std::vector<int>{25})) << "its own pixels, and not the large face's";
}

TEST(Restoration, NoModelOfPointsIsOpenedForARestorerThatLooksAtNone) {
    RestoringOptions options;
    options.landmarker_model = "/no/such/file.safetensors";
    const fake::Finder finder({});
    EXPECT_EQ(load_point_finder(options, Told(kTwice, twice), &finder), nullptr);
    EXPECT_THROW(load_point_finder(options, Told({0, 2, 0, 478, true}, twice), &finder), ModelError);
    options.landmarker = "nobody";
    EXPECT_THROW(load_point_finder(options, Told({0, 2, 0, 478, true}, twice), &finder), UsageError);
}

TEST(Restoration, ARestorerMustAnswerForEveryCrop) {
    class Lazy : public Told {
     public:
        Lazy() : Told(kTwice, twice) {}
        std::vector<Restored> restore_all(std::span<const FaceCrop>) const override { return {}; }
    };
    const FaceCrop crop = crop_of(10);
    EXPECT_THROW(restore_checked(Lazy(), {&crop, 1}, 48), Bug);
}

Pipeline pipeline_with(std::unique_ptr<Restorer> restorer, std::vector<Face> faces) {
    return Pipeline({}, std::make_unique<fake::Finder>(std::move(faces)), std::move(restorer),
                    std::make_unique<fake::BrightnessReader>());
}

TEST(Restoration, APipelineReadsTheBicubicFaceAndSaysSo) {
    const Image photo = textured_photo(200, 120);
    const std::vector<Face> faces{face_at(20, 20, 24), face_at(100, 10, 90)};
    const Answer honest = fake::pipeline(faces).run(photo);
    const Answer answer =
        pipeline_with(
            std::make_unique<Told>(kTwice,
                                   [](const FaceCrop& crop) {
                                       return Restored{Image(2 * crop.pixels.width, 2 * crop.pixels.height, 0), ""};
                                   }),
            faces)
            .run(photo);
    const Look& small = answer.faces.at(0).look;
    EXPECT_EQ(small.restorer_reason, "restorer_constant");
    EXPECT_EQ(small.expression.probability, honest.faces.at(0).look.expression.probability);
    EXPECT_EQ(small.restored, honest.faces[0].look.restored) << "the fake restorer's own is bicubic, too";
    EXPECT_EQ(answer.picture, honest.picture);
    EXPECT_EQ(answer.faces.at(1).look.restorer_reason, "") << "it was large enough";
}

TEST(Restoration, WhatAPipelineCannotServeIsRefusedWhenItIsBuilt) {
    const auto code_of = [](const RestorerNeeds& needs) -> std::string {
        try {
            pipeline_with(std::make_unique<Told>(needs, twice), {});
        } catch (const UsageError& error) {
            return error.code();
        }
        return "nothing thrown";
    };
    EXPECT_EQ(code_of({0, 2, 0, 5}), "no_landmarks") << "this detector gives none";
    EXPECT_EQ(code_of({0, 2, 0, 478}), "no_landmarks");
    EXPECT_EQ(code_of({0, 2, 0, 478, true}), "nothing thrown") << "it can do without";
    EXPECT_EQ(code_of({0, 2, 0, 0}), "nothing thrown");
    for (const RestorerNeeds& sizeless : {RestorerNeeds{0, 0, 0}, {-1, 2, 0}, {0, -2, 48}})
        EXPECT_THROW(pipeline_with(std::make_unique<Told>(sizeless, twice), {}), UsageError);
}

}  // namespace
}  // namespace affectsr
