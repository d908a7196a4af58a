#include "affectsr/classify/network_classifier.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/classify/small_net.h"
#include "affectsr/classify/test_softmax.h"
#include "affectsr/image/float_planes.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

constexpr int kSidePx = 32;

ExpressionNetwork network() {
    SmallNetOptions options;
    options.input_px = kSidePx;
    options.widths = {8, 16};
    options.depths = {1, 1};
    return small_net(options);
}

ModelFile model() {
    ModelFile file;
    file.card.labels = names_of(seven_emotions());
    file.tensors = first_weights(network().plan, 5);
    return file;
}

NetworkClassifier reader(int views, const ModelFile& file = model()) {
    return {network(), file, Precision::f32, "test", views};
}

/// A grey picture that is not its own mirror image.
Image face(int seed, int side_px = kSidePx) {
    Image picture(side_px, side_px);
    for (std::size_t i = 0; i < picture.rgb.size(); ++i)
        picture.rgb[i] = static_cast<std::uint8_t>(i / 3 * static_cast<std::size_t>(seed + 36) % 251);
    return picture;
}

Image mirrored(const Image& picture) {
    Image mirror = picture;
    for (int y = 0; y < picture.height; ++y)
        for (int x = 0; x < picture.width; ++x)
            std::copy_n(picture.pixel(picture.width - 1 - x, y), 3, mirror.pixel(x, y));
    return mirror;
}

/// The answering head's softmax of what the plan itself says to a picture, divided by a temperature.
std::vector<float> softmax_of(std::vector<float> logits, float temperature = 1) {
    for (float& logit : logits) logit /= temperature;
    return softmax_rows(HostTensor::from_floats(logits, {1, kExpressionClasses})).floats();
}

std::vector<float> logits_of(const Image& picture) {
    const ExpressionNetwork small = network();
    const PlanEngine engine(small.plan, model().tensors, Precision::f32);
    std::vector<float> planes(static_cast<std::size_t>(small.needs.channels) * kSidePx * kSidePx);
    std::vector<float> logits(kExpressionClasses);
    write_planes(picture, small.needs.channels, planes);
    engine.run({1, kSidePx, kSidePx}, planes, {{small.heads.front(), logits}});
    return logits;
}

std::vector<float> mean(const std::vector<float>& a, const std::vector<float>& b) {
    std::vector<float> both;
    for (std::size_t i = 0; i < a.size(); ++i) both.push_back((a[i] + b[i]) / 2);
    return both;
}

void expect_near(const std::vector<float>& found, const std::vector<float>& wanted, double tolerance) {
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t c = 0; c < found.size(); ++c) EXPECT_NEAR(found[c], wanted[c], tolerance) << c;
}

TEST(NetworkClassifier, ReadsAFaceOnceUnlessItIsToldOtherwise) {
    const NetworkClassifier untold(network(), model(), Precision::f32, "test");
    EXPECT_EQ(untold.views(), 1);
    EXPECT_EQ(untold.classify(face(1)).probability, reader(1).classify(face(1)).probability);
    expect_near(untold.classify(face(1)).probability, softmax_of(logits_of(face(1))), 1e-6);
}

TEST(NetworkClassifier, TwoViewsAnswerWithTheMeanOfTheFaceAndItsMirrorImage) {
    const NetworkClassifier two = reader(2);
    EXPECT_EQ(two.views(), 2);
    EXPECT_NE(two.classify(face(1)).probability, reader(1).classify(face(1)).probability);
    expect_near(two.classify(face(1)).probability, softmax_of(mean(logits_of(face(1)), logits_of(mirrored(face(1))))),
                1e-6);
}

TEST(NetworkClassifier, TwoViewsAnswerAMirroredFaceAlike) {
    for (const int side_px : {kSidePx, 11, 50})
        expect_near(reader(2).classify(mirrored(face(3, side_px))).probability,
                    reader(2).classify(face(3, side_px)).probability, 1e-6);
    EXPECT_NE(reader(1).classify(mirrored(face(3))).probability, reader(1).classify(face(3)).probability);
}

TEST(NetworkClassifier, ManyFacesInTwoViewsAnswerAsOneByOne) {
    std::vector<Image> faces;
    for (int i = 0; i < 7; ++i) faces.push_back(face(i, 20 + 4 * i));
    const NetworkClassifier two = reader(2);
    const std::vector<Expression> together = two.classify_all(faces);
    ASSERT_EQ(together.size(), faces.size());
    for (std::size_t i = 0; i < faces.size(); ++i)
        expect_near(together[i].probability, two.classify(faces[i]).probability, 1e-6);
}

TEST(NetworkClassifier, UnknownNumbersOfViewsNameTheKnownOnes) {
    for (const int views : {-1, 0, 3, 6}) {
        try {
            reader(views);
            FAIL() << views;
        } catch (const UsageError& error) {
            EXPECT_EQ(error.code(), "unknown_views");
            for (const char* known : {"1 view", "in 2"})
                EXPECT_NE(std::string(error.what()).find(known), std::string::npos) << error.what();
        }
    }
}

TEST(NetworkClassifier, TheCardsTemperatureIsForItsHeadAndItsNumberOfViews) {
    ModelFile calibrated = model();
    calibrated.card.heads["expression"]["temperatures"] = {{"2", 2.5}};
    EXPECT_EQ(reader(1, calibrated).classify(face(1)).probability, reader(1).classify(face(1)).probability);
    EXPECT_EQ(reader(2, calibrated).classify(face(1), "fer2013").probability,
              reader(2).classify(face(1), "fer2013").probability);
    expect_near(reader(2, calibrated).classify(face(1)).probability,
                softmax_of(mean(logits_of(face(1)), logits_of(mirrored(face(1)))), 2.5f), 1e-6);
}

/// Of the answering head: the answers at 8 px are divided by 2, those at 32 px by 1.
ModelFile calibrated_by_size() {
    ModelFile file = model();
    file.card.heads["expression"]["temperatures"]["1"] = Json::parse("[[8, 2], [32, 1]]");
    return file;
}

TEST(NetworkClassifier, TheTemperatureIsThatOfTheFaceBeforeItWasEnlarged) {
    const NetworkClassifier plain = reader(1), by_size = reader(1, calibrated_by_size());
    const std::vector<Image> faces{face(1), face(2), face(3), face(4)};
    const std::vector<float> sizes{8, 16, 32, 200};
    const std::vector<Expression> answers = by_size.classify_all(faces, "", sizes);
    expect_near(answers[0].probability, softmax_of(logits_of(face(1)), 2), 1e-6);
    expect_near(answers[1].probability, softmax_of(logits_of(face(2)), 1.5), 1e-6);
    expect_near(answers[2].probability, softmax_of(logits_of(face(3))), 1e-6);
    expect_near(answers[3].probability, softmax_of(logits_of(face(4))), 1e-6);
    for (std::size_t i = 0; i < faces.size(); ++i) {
        EXPECT_EQ(answers[i].best(), plain.classify(faces[i]).best()) << "a temperature keeps the order";
        EXPECT_EQ(answers[i].probability, by_size.classify(faces[i], "", sizes[i]).probability);
    }
}

TEST(NetworkClassifier, AFaceOfUnknownSizeIsAsLargeAsItsPicture) {
    const NetworkClassifier by_size = reader(1, calibrated_by_size());
    EXPECT_EQ(by_size.classify(face(1, 8)).probability, by_size.classify(face(1, 8), "", 8).probability);
    EXPECT_NE(by_size.classify(face(1, 8)).probability, reader(1).classify(face(1, 8)).probability);
    EXPECT_EQ(by_size.classify(face(1, 48)).probability, reader(1).classify(face(1, 48)).probability);
}

TEST(NetworkClassifier, ThereIsASizeForEveryFaceOrNone) {
    const std::vector<float> one_size{8};
    EXPECT_THROW(reader(1).classify_all(std::vector<Image>{face(1), face(2)}, "", one_size), Bug);
}

TEST(NetworkClassifier, TemperaturesThatCannotBeOnesAreRefused) {
    for (const char* wrong : {R"({"2": 0})", R"({"1": -1})", R"({"2": "warm"})", R"({"2": 1e300})", "[1, 1]", "1.1",
                              R"({"2": [[8, 1], [4, 1]]})", R"({"1": [[8, 1], [16]]})"}) {
        ModelFile file = model();
        file.card.heads["expression"]["temperatures"] = Json::parse(wrong);
        try {
            reader(2, file);
            FAIL() << wrong;
        } catch (const ModelError& error) {
            EXPECT_EQ(error.code(), "model_does_not_fit");
            EXPECT_NE(std::string(error.what()).find("expression"), std::string::npos) << error.what();
        }
    }
}

}  // namespace
}  // namespace affectsr
