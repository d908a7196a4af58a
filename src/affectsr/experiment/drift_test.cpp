#include "affectsr/experiment/drift.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/experiment/test_dataset.h"

namespace affectsr {
namespace {

Reading read_as(Emotion emotion, float confidence) {
    return {sure_of(emotion, confidence), ""};
}

DriftVerdict verdict(const Reading& before, const Reading& after, std::optional<double> shift = {}) {
    return drift_of(before, after, shift, {}).verdict;
}

TEST(Drift, TheSameAnswerIsKept) {
    const Drift drift = drift_of(read_as(Emotion::fear, 0.8F), read_as(Emotion::fear, 0.8F), 0.01, {});
    EXPECT_EQ(drift.verdict, DriftVerdict::kept);
    EXPECT_EQ(drift.divergence_bits, 0.0);
    EXPECT_EQ(drift.entropy_change_bits, 0.0);
    EXPECT_FALSE(drift.flipped);
    EXPECT_EQ(drift.reason, "");
}

TEST(Drift, AnotherLabelThatTheJudgeIsSureOfIsChanged) {
    const Drift drift = drift_of(read_as(Emotion::sadness, 0.9F), read_as(Emotion::happiness, 0.9F), {}, {});
    EXPECT_EQ(drift.verdict, DriftVerdict::changed);
    EXPECT_TRUE(drift.flipped);
    EXPECT_GT(drift.divergence_bits, 0.5);
    EXPECT_NEAR(*drift.entropy_change_bits, 0, 1e-6);
    // Of tears that the judge was unsure of, it is now sure that they are a smile.
    EXPECT_EQ(verdict(read_as(Emotion::sadness, 0.35F), read_as(Emotion::happiness, 0.95F)), DriftVerdict::changed);
}

TEST(Drift, LessOfTheSameLabelAndPointsThatMovedAreDrifted) {
    const Drift weaker = drift_of(read_as(Emotion::anger, 0.95F), read_as(Emotion::anger, 0.55F), {}, {});
    EXPECT_EQ(weaker.verdict, DriftVerdict::drifted);
    EXPECT_GT(weaker.entropy_change_bits, 1.0) << "it is less sure now";
    EXPECT_EQ(verdict(read_as(Emotion::anger, 0.9F), read_as(Emotion::anger, 0.9F), 0.2), DriftVerdict::drifted);
}

TEST(Drift, WhereTheJudgeCannotTellThereIsNoVerdict) {
    const Drift unsure = drift_of(read_as(Emotion::fear, 0.35F), read_as(Emotion::surprise, 0.35F), {}, {});
    EXPECT_EQ(unsure.verdict, DriftVerdict::undetermined);
    EXPECT_EQ(unsure.reason, "unsure");
    EXPECT_TRUE(unsure.flipped) << "it is counted all the same";
    Reading one = read_as(Emotion::neutral, 0), other = one;
    one.expression.probability = {0.51F, 0.49F, 0, 0, 0, 0, 0};
    other.expression.probability = {0.49F, 0.51F, 0, 0, 0, 0, 0};
    const Drift close = drift_of(one, other, {}, {});
    EXPECT_EQ(close.verdict, DriftVerdict::undetermined);
    EXPECT_EQ(close.reason, "close");
}

TEST(Drift, AFaceThatCanNoLongerBeReadHasChanged) {
    const Drift gone = drift_of(read_as(Emotion::fear, 0.9F), {{}, "constant"}, {}, {});
    EXPECT_EQ(gone.verdict, DriftVerdict::changed);
    EXPECT_EQ(gone.reason, "constant");
    EXPECT_TRUE(gone.flipped);
    const Drift never = drift_of({{}, "too_small"}, read_as(Emotion::fear, 0.9F), {}, {});
    EXPECT_EQ(never.verdict, DriftVerdict::undetermined);
    EXPECT_EQ(never.reason, "too_small");
    EXPECT_FALSE(never.flipped);
    EXPECT_FALSE(never.divergence_bits.has_value());
}

TEST(Drift, ThresholdsAreSettings) {
    const Reading before = read_as(Emotion::anger, 0.95F), after = read_as(Emotion::anger, 0.55F);
    DriftOptions lenient;
    lenient.drifted_bits = 0.9;
    EXPECT_EQ(drift_of(before, after, {}, lenient).verdict, DriftVerdict::kept);
    DriftOptions strict;
    strict.sure = 0.99;
    EXPECT_EQ(drift_of(before, after, {}, strict).verdict, DriftVerdict::undetermined);
}

}  // namespace
}  // namespace affectsr
