#include "affectsr/metric/f1.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

// Class 0: 2 TP, 1 FN, 0 FP → F1 0.8.  Class 1: 1 TP, 0 FN, 1 FP → F1 2/3.  Class 2: neither truth nor answer.
ConfusionMatrix with_a_missing_class() {
    ConfusionMatrix matrix(3, 3);
    matrix.add(0, 0);
    matrix.add(0, 0);
    matrix.add(0, 1);
    matrix.add(1, 1);
    return matrix;
}

TEST(F1, OverAllClassesAMissingOneCountsZero) {
    EXPECT_DOUBLE_EQ(f1(with_a_missing_class(), F1Average::all), (0.8 + 2.0 / 3) / 3);
}

TEST(F1, OverSeenClassesAMissingOneIsLeftOut) {
    EXPECT_DOUBLE_EQ(f1(with_a_missing_class(), F1Average::seen), (0.8 + 2.0 / 3) / 2);
}

TEST(F1, AClassThatIsOnlyAnsweredIsSeen) {
    ConfusionMatrix matrix = with_a_missing_class();
    matrix.add(0, 2);
    EXPECT_DOUBLE_EQ(f1(matrix, F1Average::seen), f1(matrix, F1Average::all));
}

TEST(F1, TheMeanIsOverTheClassesSeenUnlessAskedOtherwise) {
    F1 metric{F1Options{}};
    for (const Emotion truth : {Emotion::neutral, Emotion::happiness}) {
        Judged face;
        face.truth = truth;
        face.in_sr = {{truth}, {1.0f}};
        metric.add(face);
    }
    EXPECT_EQ(metric.value(), 1) << "five classes that nobody showed and nobody answered are no misses";
    EXPECT_EQ(metric.details()["classes"], Json({"neutral", "happiness"}));
}

TEST(F1, OfFacesWithoutAClassToAverageIsNotANumber) {
    ConfusionMatrix only_contempt(8, 7);
    only_contempt.add_unanswered(7);
    EXPECT_TRUE(std::isnan(f1(only_contempt, F1Average::seen)));
    EXPECT_TRUE(f1_classes(only_contempt, F1Average::seen).empty());
}

TEST(F1, WeightedCountsEveryFace) {
    EXPECT_DOUBLE_EQ(f1(with_a_missing_class(), F1Average::weighted), (3 * 0.8 + 1 * 2.0 / 3) / 4);
}

TEST(F1, OfNoFacesIsNotANumber) {
    EXPECT_TRUE(std::isnan(f1(ConfusionMatrix(2, 2), F1Average::all)));
}

TEST(F1, AnUnknownAverageIsRefused) {
    F1Options options;
    options.average = "micro";
    EXPECT_THROW(F1{options}, UsageError);
}

}  // namespace
}  // namespace affectsr
