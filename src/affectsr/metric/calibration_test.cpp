#include "affectsr/metric/calibration.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace affectsr {
namespace {

TEST(Calibration, TheGapsOfTheBinsAreWeightedByTheirAnswers) {
    Reliability reliability(10);
    reliability.add(0.95, true);
    reliability.add(0.95, true);
    reliability.add(0.95, false);  // bin (0.9, 1]: accuracy 2/3, confidence 0.95
    reliability.add(0.35, true);   // bin (0.3, 0.4]: accuracy 1, confidence 0.35
    const double high = 0.95 - 2.0 / 3, low = 1 - 0.35;
    EXPECT_NEAR(reliability.expected_error(), (3 * high + 1 * low) / 4, 1e-12);
    EXPECT_NEAR(reliability.largest_error(), low, 1e-12);
    EXPECT_NEAR(reliability.mean_confidence(), (3 * 0.95 + 0.35) / 4, 1e-12);
}

TEST(Calibration, AnEdgeBelongsToTheBinBelowIt) {
    for (const int bins : {3, 7, 10, 15}) {
        for (int i = 1; i <= bins; ++i) {
            Reliability reliability(bins);
            const double edge = static_cast<double>(i) / bins;
            reliability.add(edge, true);
            EXPECT_EQ(reliability.bins()[static_cast<std::size_t>(i - 1)].answers, 1) << i << " / " << bins;
            if (i == bins) continue;
            reliability.add(std::nextafter(edge, 1.0), true);
            EXPECT_EQ(reliability.bins()[static_cast<std::size_t>(i)].answers, 1)
                << "just above " << i << " / " << bins;
        }
    }
}

TEST(Calibration, ConfidenceZeroAndOneHaveABin) {
    Reliability reliability(15);
    reliability.add(0, false);
    reliability.add(1, true);
    EXPECT_EQ(reliability.bins().front().answers, 1);
    EXPECT_EQ(reliability.bins().back().answers, 1);
    EXPECT_DOUBLE_EQ(reliability.expected_error(), 0);
}

TEST(Calibration, OfNoAnswersIsNotANumber) {
    EXPECT_TRUE(std::isnan(Reliability().expected_error()));
    EXPECT_TRUE(std::isnan(Reliability().largest_error()));
    EXPECT_TRUE(std::isnan(Reliability().mean_confidence()));
}

TEST(Calibration, LogLossAndBrierScoreOfOneAnswer) {
    const std::array p{0.5, 0.3, 0.2};
    EXPECT_NEAR(log_loss(p, 1), -std::log(0.3), 1e-12);
    EXPECT_NEAR(brier_score(p, 1), 0.25 + 0.49 + 0.04, 1e-12);
}

TEST(Calibration, ATruthThatIsNoClassIsAMissWithAFiniteLoss) {
    const std::array p{1.0, 0.0};
    EXPECT_NEAR(log_loss(p, -1), -std::log(1e-12), 1e-9);
    EXPECT_NEAR(log_loss(p, 1), -std::log(1e-12), 1e-9);
    EXPECT_DOUBLE_EQ(brier_score(p, -1), 2);
}

TEST(Calibration, AsAMetricGivesTheMeasureThatIsAsked) {
    Judged face;
    face.truth = Emotion::happiness;
    face.in_sr = {{Emotion::neutral, Emotion::happiness}, {0.25f, 0.75f}};
    const auto measured = [&](const std::string& measure) {
        CalibrationOptions options;
        options.measure = measure;
        Calibration metric(options);
        EXPECT_TRUE(std::isnan(metric.value()));
        metric.add(face);
        metric.add({.hr = nullptr, .sr = nullptr, .in_hr = {}, .in_sr = {}, .truth = Emotion::fear});
        EXPECT_EQ(metric.details()["unanswered"], 1);
        return metric.value();
    };
    EXPECT_NEAR(measured("ece"), 0.25, 1e-12);
    EXPECT_NEAR(measured("mce"), 0.25, 1e-12);
    EXPECT_NEAR(measured("nll"), -std::log(0.75), 1e-12);
    EXPECT_NEAR(measured("brier"), 2 * 0.25 * 0.25, 1e-12);
}

TEST(Calibration, AConfidenceThatIsNoneIsABug) {
    Reliability reliability;
    EXPECT_THROW(reliability.add(std::numeric_limits<double>::quiet_NaN(), true), Bug);
    EXPECT_THROW(reliability.add(-0.1, true), Bug);
}

}  // namespace
}  // namespace affectsr
