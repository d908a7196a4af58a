#include "affectsr/metric/accuracy.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace affectsr {
namespace {

Judged face(Emotion truth, std::vector<float> neutral_happiness_sadness) {
    Judged judged;
    judged.truth = truth;
    if (!neutral_happiness_sadness.empty()) {
        judged.in_sr = {{Emotion::neutral, Emotion::happiness, Emotion::sadness}, std::move(neutral_happiness_sadness)};
    }
    return judged;
}

TEST(Accuracy, IsTheShareOfRightAnswersOverAllFaces) {
    Accuracy metric(AccuracyOptions{});
    EXPECT_TRUE(std::isnan(metric.value()));
    metric.add(face(Emotion::neutral, {0.7f, 0.2f, 0.1f}));
    metric.add(face(Emotion::sadness, {0.7f, 0.2f, 0.1f}));
    metric.add(face(Emotion::neutral, {}));
    metric.add(face(Emotion::contempt, {0.7f, 0.2f, 0.1f}));
    EXPECT_DOUBLE_EQ(metric.value(), 0.25) << "no answer and contempt are misses";
    EXPECT_DOUBLE_EQ(accuracy(metric.matrix()), 0.25);
}

TEST(Accuracy, AmongTheBestTwoCountsWithTopTwo) {
    AccuracyOptions options;
    options.top = 2;
    Accuracy metric(options);
    metric.add(face(Emotion::happiness, {0.7f, 0.2f, 0.1f}));
    metric.add(face(Emotion::sadness, {0.7f, 0.2f, 0.1f}));
    EXPECT_DOUBLE_EQ(metric.value(), 0.5);
}

TEST(Accuracy, OfEqualProbabilitiesTheFirstComesFirst) {
    const std::array equal{0.25, 0.25, 0.25, 0.25};
    EXPECT_TRUE(in_top(equal, 0, 1));
    EXPECT_FALSE(in_top(equal, 1, 1));
    EXPECT_TRUE(in_top(equal, 1, 2));
    EXPECT_FALSE(in_top(equal, -1, 4));
    EXPECT_FALSE(in_top(equal, 4, 4));
}

}  // namespace
}  // namespace affectsr
