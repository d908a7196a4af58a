#include "affectsr/pipeline/pipeline.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/face/align.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/resize.h"
#include "affectsr/pipeline/fake_parts.h"

namespace affectsr {
namespace {

using fake::face_at;
using fake::textured_photo;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Pipeline, APhotoWithoutFacesIsAnEmptyAnswer) {
    const Image photo = textured_photo(60, 40);
    const Answer answer = fake::pipeline({}).run(photo);
    EXPECT_TRUE(answer.faces.empty());
    EXPECT_EQ(answer.faces_found, 0U);
    EXPECT_EQ(answer.picture, photo);
}

/// Sees faces in a frame of its own, 64 px; gives them back as they are, or not at all.
class Framer : public Restorer {
 public:
    explicit Framer(bool refuses) : refuses_(refuses) {}
    RestorerNeeds needs() const override {
        RestorerNeeds needs;
        needs.input_px = needs.output_px = 64;
        needs.framing = "ffhq_512";
        return needs;
    }
    std::vector<Restored> restore_all(std::span<const FaceCrop> crops) const override {
        std::vector<Restored> answers;
        for (const FaceCrop& crop : crops) {
            EXPECT_EQ(crop.pixels.width, 64);
            answers.push_back(refuses_ ? Restored{{}, "restorer_not_finite"} : Restored{crop.pixels, ""});
        }
        return answers;
    }

 private:
    bool refuses_;
};

// Whether its picture is taken or not, the classifier sees its own square of the face.
TEST(Pipeline, TheClassifierSeesItsOwnSquareOfAFramedFace) {
    const Image photo = fake::textured_photo(160, 120);
    const Face face = fake::face_at(60, 40, 32);
    const FaceCrop crop = cut(photo, face, 33);  // its side in the photo, kCropOverBox
    const Image own = resize(crop.pixels, {48, 48}, Filter::bicubic);
    for (const bool refuses : {false, true}) {
        const Pipeline pipeline({}, std::make_unique<fake::Finder>(std::vector<Face>{face}),
                                std::make_unique<Framer>(refuses), std::make_unique<fake::BrightnessReader>());
        const Look look = pipeline.run(photo).faces.at(0).look;
        ASSERT_EQ(look.restored.size(), own.size());
        EXPECT_EQ(look.restorer_reason, refuses ? "restorer_not_finite" : "");
        double difference = 0;
        for (std::size_t i = 0; i < own.rgb.size(); ++i)
            difference += std::abs(int{own.rgb[i]} - int{look.restored.rgb[i]});
        EXPECT_LT(difference / static_cast<double>(own.rgb.size()), refuses ? 0.01 : 12) << "refused: " << refuses;
    }
}

TEST(Pipeline, ALargeFaceIsCutAtTheClassifiersSizeAndNotRestored) {
    const Image photo = textured_photo(300, 300);
    const Answer answer = fake::pipeline({face_at(50, 60, 200)}, {}, 40).run(photo);
    ASSERT_EQ(answer.faces.size(), 1U);
    const Answer::Seen& seen = answer.faces[0];
    EXPECT_EQ(seen.look.route.road, Road::direct);
    EXPECT_EQ(seen.crop.pixels.size(), (ImageSize{48, 48}));
    EXPECT_EQ(seen.look.restored, seen.crop.pixels);
    EXPECT_EQ(seen.look.expression.best(), Emotion::happiness);
    EXPECT_EQ(answer.picture, photo) << "the photo shows it better than any crop";
}

TEST(Pipeline, ASmallFaceIsCutPixelByPixelRestoredAndPastedBack) {
    const Image photo = textured_photo(120, 120);
    const Answer answer = fake::pipeline({face_at(40, 40, 24)}, {}, 40).run(photo);
    const Answer::Seen& seen = answer.faces.at(0);
    EXPECT_EQ(seen.look.route.road, Road::enlarged);
    ASSERT_EQ(seen.crop.pixels.size(), (ImageSize{25, 25})) << "24 px and the margin of the framing";
    const Point corner = seen.crop.photo_from_crop.apply({0, 0});
    EXPECT_EQ(seen.crop.pixels.pixel(7, 9)[1],
              photo.pixel(static_cast<int>(corner.x) + 7, static_cast<int>(corner.y) + 9)[1]);
    EXPECT_EQ(seen.look.restored.size(), (ImageSize{48, 48}));
    EXPECT_NEAR(answer.picture.pixel(52, 52)[0], photo.pixel(52, 52)[0] + 40, 12) << "the middle is the restored face";
    EXPECT_EQ(answer.picture.pixel(20, 20)[0], photo.pixel(20, 20)[0]) << "the rest is untouched";
}

TEST(Pipeline, TheClassifierIsToldHowLargeAFaceWasBeforeItWasEnlarged) {
    const auto told_px = [](const Pipeline& pipeline) {
        return dynamic_cast<const fake::BrightnessReader&>(pipeline.classifier()).last_size_px.load();
    };
    for (const auto& [side_px, restorer_px, wanted_px] :
         {std::array{24, 0, 25}, std::array{200, 0, 48}, std::array{24, 16, 16}, std::array{12, 16, 12}}) {
        const Pipeline found = fake::pipeline({face_at(40, 40, static_cast<float>(side_px))}, {}, 0, restorer_px);
        found.run(textured_photo(300, 300));
        EXPECT_EQ(told_px(found), wanted_px) << side_px << " px, restored from " << restorer_px;
    }
    PipelineOptions cropped;
    cropped.already_cropped = true;
    const Pipeline whole = fake::pipeline({}, cropped);
    whole.run(textured_photo(20, 30));
    EXPECT_EQ(told_px(whole), 20);
    FaceCrop crop;
    crop.pixels = textured_photo(10, 10);
    whole.look(crop);
    EXPECT_EQ(told_px(whole), 10) << "the evaluator's way in";
}

TEST(Pipeline, ARestorerWithASizeOfItsOwnGetsCropsOfThatSize) {
    const Answer answer = fake::pipeline({face_at(40, 40, 24)}, {}, 0, 16).run(textured_photo(120, 120));
    EXPECT_EQ(answer.faces.at(0).crop.pixels.size(), (ImageSize{16, 16}));
    EXPECT_EQ(answer.faces[0].look.route.road, Road::enlarged);
}

TEST(Pipeline, FacesThatCannotBeJudgedAreAnsweredWithAReason) {
    Image photo = textured_photo(200, 100);
    for (int y = 0; y < 100; ++y)
        for (int x = 0; x < 200; ++x)
            for (int c = 0; c < 3 && x >= 100; ++c)
                photo.pixel(x, y)[c] = x < 150 ? 90 : static_cast<std::uint8_t>(3 * ((x + y) % 5));
    const std::vector<std::pair<Face, std::string>> cases{
        {face_at(10, 10, 7.9F), "too_small"},       {face_at(10, 10, 0), "too_small"},
        {face_at(10, 10, -30), "too_small"},        {face_at(105, 20, 30), "constant"},
        {face_at(9000, 9000, 30), "constant"},  // the repeated border
        {face_at(160, 30, 30), "not_finite"},   // so dark that this classifier answers NaN
        {face_at(kNan, 10, 30), "not_finite"},      {face_at(10, 10, kNan), "not_finite"},
        {face_at(10, 10, kInfinity), "not_finite"}, {face_at(10, -kInfinity, 30), "not_finite"},
        {face_at(1e30F, 10, 30), "not_finite"},     {face_at(10, 10, 8), ""},
    };
    std::vector<Face> faces;
    for (const auto& [face, reason] : cases) faces.push_back(face);
    const Answer answer = fake::pipeline(faces).run(photo);
    ASSERT_EQ(answer.faces.size(), cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const Look& look = answer.faces[i].look;
        EXPECT_EQ(look.reason, cases[i].second) << "case " << i;
        EXPECT_EQ(look.expression.empty(), !cases[i].second.empty()) << "case " << i;
        EXPECT_EQ(look.route.road == Road::undetermined, !cases[i].second.empty()) << "case " << i;
    }
}

TEST(Pipeline, OddLandmarksAndEnormousFacesNeverThrow) {
    Face lost = face_at(20, 20, 30), turned = face_at(20, 20, 30);
    lost.landmarks_in_photo.assign(5, {kNan, kInfinity});
    turned.landmarks_in_photo = {{50, 40}, {20, 40}, {35, 30}, {45, 20}, {25, 20}};
    const Answer answer =
        fake::pipeline({lost, turned, face_at(-500, -500, 100000), face_at(0, 0, 9e5F)}).run(textured_photo(80, 80));
    ASSERT_EQ(answer.faces.size(), 4U);
    EXPECT_FALSE(answer.faces[0].look.expression.empty()) << "without usable landmarks the box is cut";
    EXPECT_EQ(answer.faces[1].look.reason, "turned") << "upside down";
    ASSERT_TRUE(answer.faces[1].look.roll_deg.has_value());
    EXPECT_FLOAT_EQ(std::abs(static_cast<float>(*answer.faces[1].look.roll_deg)), 180);
}

TEST(Pipeline, AnswersTheFirstFacesOfTheDetectorAndCountsAll) {
    PipelineOptions options;
    options.most_faces = 2;
    const Answer answer =
        fake::pipeline({face_at(0, 0, 30, 0.9F), face_at(40, 0, 30, 0.8F), face_at(80, 0, 30, 0.7F)}, options)
            .run(textured_photo(120, 60));
    EXPECT_EQ(answer.faces_found, 3U);
    ASSERT_EQ(answer.faces.size(), 2U);
    EXPECT_FLOAT_EQ(answer.faces[1].face.score, 0.8F);
}

TEST(Pipeline, ACroppedPhotoIsOneFaceAndNeedsNoDetector) {
    PipelineOptions options;
    options.already_cropped = true;
    const Pipeline pipeline(options, nullptr, std::make_unique<fake::Brightener>(0),
                            std::make_unique<fake::BrightnessReader>());
    const Image exact = textured_photo(48, 48);
    EXPECT_EQ(pipeline.run(exact).faces.at(0).look.network_input, exact) << "nothing is resampled";
    const Answer oblong = pipeline.run(textured_photo(90, 120));
    EXPECT_FLOAT_EQ(oblong.faces.at(0).face.box_in_photo.height, 120);
    EXPECT_EQ(oblong.faces[0].crop.pixels.size(), (ImageSize{48, 48}));
    EXPECT_EQ(pipeline.run(textured_photo(20, 20)).faces.at(0).look.route.road, Road::enlarged);
    EXPECT_EQ(pipeline.run(textured_photo(7, 200)).faces.at(0).look.reason, "too_small");
    EXPECT_EQ(pipeline.run(Image(64, 64, 130)).faces.at(0).look.reason, "constant");
}

TEST(Pipeline, LookIsTheStretchThatRunWalks) {
    const Pipeline pipeline = fake::pipeline({face_at(5, 5, 60), face_at(70, 5, 20), face_at(70, 60, 5)}, {}, 25);
    const Answer answer = pipeline.run(textured_photo(120, 90));
    std::vector<FaceCrop> crops;
    for (const Answer::Seen& seen : answer.faces) crops.push_back(seen.crop);
    const std::vector<Look> looks = pipeline.look_all(crops);
    ASSERT_EQ(looks.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(looks[i].restored, answer.faces[i].look.restored);
        EXPECT_EQ(looks[i].network_input, answer.faces[i].look.network_input);
        EXPECT_EQ(looks[i].expression.probability, answer.faces[i].look.expression.probability);
        EXPECT_EQ(looks[i].reason, answer.faces[i].look.reason);
        EXPECT_EQ(pipeline.look(crops[i]).expression.probability, looks[i].expression.probability);
    }
    EXPECT_TRUE(pipeline.look_all({}).empty());
}

TEST(Pipeline, ACrowdIsClassifiedInPassesOfBoundedSize) {
    const std::vector<Face> crowd(200, face_at(10, 10, 30));
    auto reader = std::make_unique<fake::BrightnessReader>();
    const fake::BrightnessReader& asked = *reader;
    const Pipeline pipeline({}, std::make_unique<fake::Finder>(crowd), std::make_unique<fake::Brightener>(0),
                            std::move(reader));
    const Answer answer = pipeline.run(textured_photo(60, 60));
    ASSERT_EQ(answer.faces.size(), 200U);
    for (const Answer::Seen& seen : answer.faces) EXPECT_FALSE(seen.look.expression.empty());
    EXPECT_LE(asked.largest_pass, 64U);
}

TEST(Pipeline, TheHeadOfTheOptionsAnswers) {
    PipelineOptions options;
    options.head = "doubt";
    const Answer answer = fake::pipeline({face_at(5, 5, 30)}, options).run(textured_photo(60, 60));
    EXPECT_FLOAT_EQ(answer.faces.at(0).look.expression.confidence(), 1.0F / 7);
    options.head = "tail";
    EXPECT_THROW(fake::pipeline({}, options), UsageError);
}

TEST(Pipeline, WrongNamesAndMissingPartsAreUsageErrors) {
    EXPECT_THROW(
        Pipeline({}, nullptr, std::make_unique<fake::Brightener>(0), std::make_unique<fake::BrightnessReader>()),
        UsageError);
    for (const std::string part : {"detector", "restorer", "classifier"}) {
        const Json wrong{{part, "no such thing"}};
        EXPECT_THROW(Pipeline(affectsr::from_json<PipelineOptions>(wrong)), UsageError) << part;
    }
    PipelineOptions options;
    options.already_cropped = true;
    options.classifier_model = "/nowhere/model.safetensors";
    EXPECT_THROW(Pipeline{options}, ModelError);
}

TEST(Pipeline, FaintAndSmallFacesArePassedOverOnWish) {
    const Image photo = read_image(std::filesystem::path(AFFECTSR_SOURCE_DIR) / "examples" / "astronaut.png");
    const auto found = [&](double threshold, double min_face) {
        PipelineOptions options;
        options.detector_threshold = threshold;
        options.min_face = min_face;
        return Pipeline(options).run(photo).faces_found;
    };
    EXPECT_EQ(found(0, 0), 1U);
    EXPECT_EQ(found(0, 60), 1U);
    EXPECT_EQ(found(0, 200), 0U);
    EXPECT_EQ(found(1, 0), 0U);
    PipelineOptions options;
    options.detector = "mediapipe";
    options.min_face = 20;
    EXPECT_THROW(Pipeline{options}, UsageError) << "it has no least size";
}

TEST(Pipeline, FeaturesMadeLargeReadTheSmileOfAPhotoMadeSmall) {
    const Image photo = read_image(std::filesystem::path(AFFECTSR_SOURCE_DIR) / "examples" / "astronaut.png");
    PipelineOptions options;
    options.classifier = "fsr_fer";
    const Pipeline pipeline(options);
    for (const int side : {512, 128, 80}) {  // a face of about 100, 25 and 16 px
        const Answer answer = pipeline.run(resize(photo, {side, side}, Filter::bicubic));
        ASSERT_EQ(answer.faces.size(), 1U) << side;
        ASSERT_FALSE(answer.faces[0].look.expression.probability.empty()) << side;
        EXPECT_EQ(answer.faces[0].look.expression.best(), Emotion::happiness) << side;
    }
}

TEST(Pipeline, NamesThePrecisionThatIsUsed) {
    EXPECT_FALSE(fake::pipeline({}).precision().has_value()) << "parts that are no networks have none";
    PipelineOptions options;
    options.already_cropped = true;
    for (const char* asked : {"f32", "bf16", "auto"}) {
        options.precision = asked;
        EXPECT_EQ(Pipeline(options).precision(), used_precision(precision_from(asked))) << asked;
    }
    const char* const isa = std::getenv("ONEDNN_MAX_CPU_ISA");
    if (isa && std::string(isa) == "AVX2") {
        options.precision = "bf16";
        EXPECT_EQ(Pipeline(options).precision(), Precision::f32) << "there is no bfloat16 below AVX-512";
    }
}

TEST(Pipeline, ReadsAsManyViewsAsItsOptionsAskFor) {
    PipelineOptions options;
    options.already_cropped = true;
    EXPECT_EQ(Pipeline(options).classifier().views(), 1) << "the default";
    options.views = 2;
    EXPECT_EQ(Pipeline(options).classifier().views(), 2);
    options.views = 3;
    EXPECT_THROW(Pipeline{options}, UsageError);
    EXPECT_THROW(affectsr::from_json<PipelineOptions>(Json{{"views", 3}}), UsageError);
}

TEST(Pipeline, AnEmptyPhotoIsABug) {
    EXPECT_THROW(fake::pipeline({}).run(Image()), Bug);
}

TEST(Pipeline, TimesEveryStage) {
    const Timings ms = fake::pipeline({face_at(5, 5, 30)}).run(textured_photo(60, 60)).ms;
    const double stages = ms.detect_ms + ms.cut_ms + ms.restore_ms + ms.classify_ms + ms.paste_ms;
    for (const double stage : {ms.detect_ms, ms.cut_ms, ms.restore_ms, ms.classify_ms, ms.paste_ms})
        EXPECT_GT(stage, 0);
    EXPECT_GE(ms.total_ms, stages);
}

TEST(Pipeline, ThreadsAskingAtOnceGetTheSameAnswer) {
    const Pipeline pipeline = fake::pipeline({face_at(5, 5, 30), face_at(30, 5, 20)});
    const Image photo = textured_photo(60, 60);
    const Answer alone = pipeline.run(photo);
    std::vector<Answer> together(4);
    std::vector<std::thread> threads;
    for (Answer& answer : together) threads.emplace_back([&] { answer = pipeline.run(photo); });
    for (std::thread& thread : threads) thread.join();
    for (const Answer& answer : together) {
        EXPECT_EQ(answer.picture, alone.picture);
        EXPECT_EQ(answer.faces.at(1).look.expression.probability, alone.faces.at(1).look.expression.probability);
    }
}

}  // namespace
}  // namespace affectsr
