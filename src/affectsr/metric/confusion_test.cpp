#include "affectsr/metric/confusion.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

// Three truths, two answers:   answered 0  answered 1  unanswered
//                    truth 0        3           1           1
//                    truth 1        0           2           0
//                    truth 2        0           1           0      (cannot be answered)
ConfusionMatrix small_matrix() {
    ConfusionMatrix matrix(3, 2);
    for (int i = 0; i < 3; ++i) matrix.add(0, 0);
    matrix.add(0, 1);
    matrix.add_unanswered(0);
    for (int i = 0; i < 2; ++i) matrix.add(1, 1);
    matrix.add(2, 1);
    return matrix;
}

TEST(Confusion, RowsAreTruthsAndColumnsAreAnswers) {
    EXPECT_EQ(to_json(small_matrix()).dump(), "[[3,1],[0,2],[0,1]]");
    EXPECT_EQ(small_matrix().at(0, 1), 1);
}

TEST(Confusion, AnUnansweredFaceCountsForItsTruthAndForNoAnswer) {
    EXPECT_EQ(small_matrix().truth_total(0), 5);
    EXPECT_EQ(small_matrix().answer_total(0), 3);
    EXPECT_EQ(small_matrix().total(), 8);
    EXPECT_EQ(small_matrix().correct(), 5);
}

TEST(Confusion, RecallPrecisionAndF1AreReadOffTheMatrix) {
    EXPECT_DOUBLE_EQ(small_matrix().recall(0), 3.0 / 5);
    EXPECT_DOUBLE_EQ(small_matrix().precision(1), 2.0 / 4);
    EXPECT_DOUBLE_EQ(small_matrix().f1(0), 2 * 3.0 / (5 + 3));
    EXPECT_DOUBLE_EQ(small_matrix().recall(2), 0) << "a truth that cannot be answered is always missed";
}

TEST(Confusion, AClassThatNeverOccursCountsZeroAndNotNaN) {
    const ConfusionMatrix matrix(2, 2);
    EXPECT_EQ(matrix.recall(0), 0);
    EXPECT_EQ(matrix.precision(0), 0);
    EXPECT_EQ(matrix.f1(0), 0);
}

TEST(Confusion, IndicesOutOfRangeAreABug) {
    ConfusionMatrix matrix(3, 2);
    EXPECT_THROW(matrix.add(0, 2), Bug);
    EXPECT_THROW(matrix.add(3, 0), Bug);
    EXPECT_THROW(matrix.add(-1, 0), Bug);
    EXPECT_THROW(matrix.add_unanswered(3), Bug);
    EXPECT_THROW(ConfusionMatrix(2, 3), Bug);
}

TEST(Confusion, AsAMetricItCountsFacesByName) {
    Confusion metric(ClassOptions{});
    Judged face;
    face.truth = Emotion::contempt;
    face.in_sr = {{Emotion::neutral, Emotion::anger}, {0.2f, 0.8f}};
    metric.add(face);
    face.truth = Emotion::fear;
    face.in_sr = {};
    metric.add(face);
    EXPECT_EQ(metric.value(), 2);
    EXPECT_EQ(metric.matrix().at(7, 6), 1) << "contempt answered as anger";
    const Json details = metric.details();
    EXPECT_EQ(details["truths"][7], "contempt");
    EXPECT_EQ(details["unanswered"][4], 1);
    EXPECT_EQ(details["n"], 2);
    EXPECT_EQ(details["correct"], 0);
    EXPECT_EQ(details["by_class"]["anger"]["precision"], 0.0);
    EXPECT_TRUE(details["by_class"]["anger"]["recall"].is_null()) << "nobody showed anger";
    EXPECT_TRUE(details["by_class"]["sadness"]["f1"].is_null());
    EXPECT_EQ(details["by_class"]["contempt"], Json({{"n", 1}, {"recall", 0.0}}));
}

TEST(Confusion, ARowThatNothingStandsInAndNothingCanAnswerIsNotShown) {
    Confusion metric(ClassOptions{});
    Judged face;
    face.truth = Emotion::fear;
    face.in_sr = {{Emotion::fear}, {1.0f}};
    metric.add(face);
    EXPECT_EQ(metric.details()["truths"].size(), 7u);
    EXPECT_EQ(metric.details()["confusion"].size(), 7u);
    EXPECT_EQ(small_matrix().trimmed().truths(), 3) << "the third truth occurs";
}

TEST(Confusion, ContemptCanBeAClassOfItsOwn) {
    Confusion metric(ClassOptions{.classes = 8});
    Judged face;
    face.truth = Emotion::contempt;
    face.in_sr = {{Emotion::contempt}, {1.0f}};
    metric.add(face);
    EXPECT_EQ(metric.matrix().correct(), 1);
}

TEST(Confusion, AMetricWithoutATruthIsABug) {
    EXPECT_THROW(Confusion(ClassOptions{}).add({}), Bug);
}

}  // namespace
}  // namespace affectsr
