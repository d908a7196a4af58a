#include "affectsr/metric/balanced_accuracy.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

TEST(BalancedAccuracy, EveryPresentClassWeighsTheSame) {
    ConfusionMatrix matrix(3, 3);
    for (int i = 0; i < 8; ++i) matrix.add(0, 0);
    matrix.add(1, 0);
    matrix.add(1, 1);
    EXPECT_DOUBLE_EQ(balanced_accuracy(matrix), (1 + 0.5) / 2) << "class 2 is not among the truths";
}

TEST(BalancedAccuracy, AnAnswerNobodyDeservedDoesNotMakeAClassPresent) {
    ConfusionMatrix matrix(3, 3);
    matrix.add(0, 0);
    matrix.add(0, 2);
    EXPECT_DOUBLE_EQ(balanced_accuracy(matrix), 0.5);
}

TEST(BalancedAccuracy, ATruthThatCannotBeAnsweredIsNotAClass) {
    ConfusionMatrix matrix(3, 2);
    matrix.add(0, 0);
    matrix.add(2, 0);
    EXPECT_DOUBLE_EQ(balanced_accuracy(matrix), 1);
}

TEST(BalancedAccuracy, NamesTheClassesThatTheMeanIsOver) {
    BalancedAccuracy metric(ClassOptions{});
    Judged face;
    face.truth = Emotion::fear;
    face.in_sr = {{Emotion::anger}, {1.0f}};
    metric.add(face);
    EXPECT_EQ(metric.details()["classes"], Json({"fear"}));
}

TEST(BalancedAccuracy, OfNoFacesIsNotANumber) {
    EXPECT_TRUE(std::isnan(balanced_accuracy(ConfusionMatrix(2, 2))));
}

}  // namespace
}  // namespace affectsr
