#include "affectsr/metric/ecm.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

/// Of two classes, so that everything can be reckoned by hand.
Expression happy_by(float probability) {
    return {{Emotion::neutral, Emotion::happiness}, {1 - probability, probability}};
}

Judged pair(float on_hr, float on_sr) {
    Judged face;
    face.in_hr = happy_by(on_hr);
    face.in_sr = happy_by(on_sr);
    return face;
}

TEST(Ecm, EntropyIsThatOfTheProbabilities) {
    EXPECT_NEAR(entropy_nats(std::vector<float>{0.5F, 0.5F}), std::log(2.0), 1e-9);
    EXPECT_NEAR(entropy_nats(std::vector<float>(7, 1.0F / 7)), std::log(7.0), 1e-6);
    EXPECT_EQ(entropy_nats(std::vector<float>{1, 0, 0}), 0) << "0 ln 0 is 0";
}

TEST(Ecm, TheLastBinIsClosed) {
    ConfidenceHistograms histograms(10);
    histograms.add(std::vector<float>{1, 0});
    histograms.add(std::vector<float>{0.25F, 0.75F});
    EXPECT_EQ(histograms.classes(), 2);
    EXPECT_EQ(histograms.counts()[9], 1) << "a confidence of 1";
    EXPECT_EQ(histograms.counts()[10], 1) << "a confidence of 0";
    EXPECT_EQ(histograms.counts()[2], 1);
    EXPECT_EQ(histograms.counts()[17], 1);
    EXPECT_THROW(histograms.add(std::vector<float>{1, 0, 0}), Bug);
}

TEST(Ecm, OneFaceOfTwoThatLeavesItsBinIsReckonedByHand) {
    Ecm ecm{EcmOptions{}};
    ecm.add(pair(0.75F, 0.75F));
    ecm.add(pair(0.75F, 0.5F));
    // Densities 10/2 = 5 a face. Each class loses a face from one bin and finds it in another: 2 · 5² for each of two.
    EXPECT_NEAR(ecm.histogram_distance(), 4 * 25, 1e-9);
    const double change = (std::log(2.0) - entropy_nats(std::vector<float>{0.25F, 0.75F})) / 2;
    EXPECT_NEAR(ecm.entropy_change(), change, 1e-9);
    EXPECT_NEAR(ecm.value(), 0.5 * 100 + std::log(change), 1e-9);
    EXPECT_NEAR(ecm.details()["by_class"]["happiness"].get<double>(), 50, 1e-9);
    EXPECT_FALSE(ecm.details()["floored"].get<bool>());
}

TEST(Ecm, TheConventionsScaleBothParts) {
    const auto of = [](const char* histogram, const char* logarithm, const char* entropy) {
        EcmOptions options;
        options.histogram = histogram, options.logarithm = logarithm, options.entropy = entropy;
        Ecm ecm(options);
        ecm.add(pair(0.75F, 0.75F));
        ecm.add(pair(0.75F, 0.5F));
        return ecm;
    };
    EXPECT_NEAR(of("count", "natural", "nats").histogram_distance(), 4, 1e-9);
    EXPECT_NEAR(of("share", "natural", "nats").histogram_distance(), 1, 1e-9);
    const double nats = of("share", "natural", "nats").entropy_change();
    EXPECT_NEAR(of("share", "natural", "bits").entropy_change(), nats / std::log(2.0), 1e-9);
    EXPECT_NEAR(of("share", "decimal", "nats").value(), 0.5 + std::log10(nats), 1e-9);
    EXPECT_EQ(of("share", "decimal", "nats").details()["conventions"]["logarithm"], "decimal");
    EXPECT_THROW(of("area", "natural", "nats"), UsageError);
}

TEST(Ecm, EqualAnswersEndAtTheLogarithmOfEpsilon) {
    Ecm ecm{EcmOptions{}};
    ecm.add(pair(0.9F, 0.9F));
    EXPECT_NEAR(ecm.value(), std::log(1e-12), 1e-9);
    EXPECT_EQ(ecm.entropy_change(), 0);
    EXPECT_TRUE(ecm.details()["floored"].get<bool>());
}

TEST(Ecm, AMirroredAnswerChangesNoEntropyButTheHistograms) {
    Ecm ecm{EcmOptions{}};
    ecm.add(pair(0.95F, 0.05F));
    EXPECT_NEAR(ecm.entropy_change(), 0, 1e-6);
    EXPECT_NEAR(ecm.histogram_distance(), 400, 1e-9);
}

TEST(Ecm, FacesThatWereNotReadAreCountedAndNotMeasured) {
    Ecm ecm{EcmOptions{}};
    Judged face = pair(0.9F, 0.1F);
    face.in_sr = {};
    ecm.add(face);
    EXPECT_TRUE(std::isnan(ecm.value()));
    EXPECT_EQ(ecm.details()["unread"], 1);
    EXPECT_TRUE(ecm.details()["l_h"].is_null());
}

TEST(Ecm, AnswersOfTwoJudgesAreABug) {
    Ecm ecm{EcmOptions{}};
    Judged face = pair(0.9F, 0.1F);
    face.in_sr.labels = {Emotion::anger, Emotion::fear};
    EXPECT_THROW(ecm.add(face), Bug);
}

}  // namespace
}  // namespace affectsr
