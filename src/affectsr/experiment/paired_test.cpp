#include "affectsr/experiment/paired.h"

#include <gtest/gtest.h>

#include "affectsr/experiment/test_dataset.h"

namespace affectsr {
namespace {

Verdict verdict(std::size_t sample, Emotion truth, Expression answer) {
    Verdict one;
    one.sample = sample;
    one.truth = truth;
    one.answer = std::move(answer);
    return one;
}

/// Faces of happiness, of which the first `right` are read rightly.
std::vector<Verdict> verdicts(int right, int count, float confidence = 0.8f) {
    std::vector<Verdict> all;
    for (int i = 0; i < count; ++i)
        all.push_back(verdict(static_cast<std::size_t>(i), Emotion::happiness,
                              sure_of(i < right ? Emotion::happiness : Emotion::fear, confidence)));
    return all;
}

TEST(Paired, McNemarIsTheExactBinomialTest) {
    EXPECT_DOUBLE_EQ(mcnemar(0, 0), 1);
    EXPECT_DOUBLE_EQ(mcnemar(7, 7), 1);
    EXPECT_NEAR(mcnemar(0, 5), 2 * (1.0 / 32), 1e-12);
    EXPECT_NEAR(mcnemar(2, 8), 2 * (1 + 10 + 45) / 1024.0, 1e-12);
    EXPECT_NEAR(mcnemar(8, 2), mcnemar(2, 8), 1e-15);
    EXPECT_NEAR(mcnemar(5000, 5000), 1, 1e-9);
    EXPECT_LT(mcnemar(5000, 6000), 1e-9) << "thousands of faces are no problem";
}

TEST(Paired, AFlipIsAnotherLabelOnTheSameFace) {
    std::vector<Verdict> a = verdicts(6, 10), b = verdicts(4, 10);
    const Json two = flips_between(a, b);
    EXPECT_EQ(two["n"], 10);
    EXPECT_EQ(two["flips"], 2);
    EXPECT_NEAR(two["rate"], 0.2, 1e-12);
    a[4].answer = {};  // one of the two is not answered any more
    EXPECT_EQ(flips_between(a, b)["n"], 9);
    EXPECT_EQ(flips_between(a, b)["flips"], 1);
    EXPECT_TRUE(flips_between({}, {})["rate"].is_null());
    EXPECT_THROW(flips_between(a, std::vector<Verdict>(b.begin(), b.end() - 1)), Bug);
    EXPECT_NEAR(mcnemar(std::span<const Verdict>(verdicts(3, 10)), verdicts(6, 10)), 0.25, 1e-12);
}

TEST(Paired, CountsWhoIsRightAlone) {
    const Json row = paired_figures(verdicts(3, 10), verdicts(6, 10), 1);
    EXPECT_EQ(row["n"], 10);
    EXPECT_EQ(row["both_right"], 3);
    EXPECT_EQ(row["only_a"], 0);
    EXPECT_EQ(row["only_b"], 3);
    EXPECT_EQ(row["neither"], 4);
    EXPECT_EQ(row["same_label"], 7);
    EXPECT_NEAR(row["accuracy_difference"], 0.3, 1e-12);
    EXPECT_NEAR(row["mcnemar_p"], 0.25, 1e-12);
}

TEST(Paired, TheIntervalHoldsTheDifferenceAndTellsAGainFromNoise) {
    const Json gain = paired_figures(verdicts(300, 600), verdicts(360, 600), 1);
    EXPECT_GT(gain["accuracy_difference_low"], 0.05);
    EXPECT_LT(gain["accuracy_difference_high"], 0.15);
    const Json noise = paired_figures(verdicts(300, 600), verdicts(301, 600), 1);
    EXPECT_LE(noise["accuracy_difference_low"], 0.0);
}

TEST(Paired, ReadersThatAnswerAlikeDifferInNothing) {
    const Json row = paired_figures(verdicts(5, 10), verdicts(5, 10), 1);
    for (const char* key : {"accuracy_difference", "accuracy_difference_low", "accuracy_difference_high",
                            "ece_difference", "ece_difference_low", "ece_difference_high"})
        EXPECT_EQ(row[key], 0.0) << key;
}

TEST(Paired, ConfidenceAloneShowsInTheCalibrationError) {
    const Json row = paired_figures(verdicts(80, 100, 0.95f), verdicts(80, 100, 0.8f), 1);
    EXPECT_EQ(row["accuracy_difference"], 0.0);
    EXPECT_EQ(row["same_label"], 100);
    EXPECT_NEAR(row["ece_difference"], -0.15, 1e-6);
    EXPECT_LT(row["ece_difference_high"], 0.0);
}

TEST(Paired, FacesWithoutAnAnswerAreMisses) {
    std::vector<Verdict> a = verdicts(2, 2), b = verdicts(2, 2);
    a[0].answer = {};
    b[0].answer = {};
    b[1].answer = {};
    const Json row = paired_figures(a, b, 1);
    EXPECT_EQ(row["only_a"], 1);
    EXPECT_EQ(row["same_label"], 1);
    EXPECT_TRUE(row["ece_b"].is_null());
    EXPECT_TRUE(row["ece_difference"].is_null());
}

TEST(Paired, NoFacesGiveNoNumbers) {
    const Json row = paired_figures({}, {}, 1);
    EXPECT_EQ(row["n"], 0);
    EXPECT_TRUE(row["accuracy_difference"].is_null());
    EXPECT_TRUE(row["mcnemar_p"].is_null());
}

TEST(Paired, OtherFacesAreABug) {
    EXPECT_THROW(paired_figures(verdicts(1, 2), verdicts(1, 3), 1), Bug);
    std::vector<Verdict> b = verdicts(1, 2);
    b[1].sample = 7;
    EXPECT_THROW(paired_figures(verdicts(1, 2), b, 1), Bug);
}

}  // namespace
}  // namespace affectsr
