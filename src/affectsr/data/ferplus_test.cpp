#include "affectsr/data/ferplus.h"

#include <gtest/gtest.h>

#include <numeric>

namespace affectsr {
namespace {

// Order: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown, not a face.

TEST(Ferplus, TheMajorityIsMoreThanHalfOfTheVotesThatCount) {
    EXPECT_EQ(ferplus_majority({0, 0, 0, 6, 4, 0, 0, 0, 0, 0}), Emotion::sadness);
    EXPECT_EQ(ferplus_majority({5, 0, 0, 0, 5, 0, 0, 0, 0, 0}), std::nullopt) << "half is not more than half";
    EXPECT_EQ(ferplus_majority({0, 0, 0, 0, 0, 0, 0, 8, 2, 0}), Emotion::contempt);
}

TEST(Ferplus, SingleVotesAreDroppedFirst) {
    EXPECT_EQ(ferplus_majority({3, 1, 1, 1, 1, 1, 1, 1, 0, 0}), Emotion::neutral);
    EXPECT_EQ(ferplus_majority({1, 1, 1, 1, 1, 1, 1, 1, 1, 1}), std::nullopt);
}

TEST(Ferplus, UnknownAndNotAFaceHaveNoLabel) {
    EXPECT_EQ(ferplus_majority({0, 2, 0, 0, 0, 0, 0, 0, 8, 0}), std::nullopt);
    EXPECT_EQ(ferplus_majority_distribution({0, 2, 0, 0, 0, 0, 0, 0, 0, 8}), std::nullopt);
}

TEST(Ferplus, ProbabilityTakesTheLargestUntilThreeQuartersAreCovered) {
    const auto shares = ferplus_probability_distribution({5, 3, 2, 0, 0, 0, 0, 0, 0, 0});
    ASSERT_TRUE(shares);
    EXPECT_FLOAT_EQ((*shares)[0], 0.625f);
    EXPECT_FLOAT_EQ((*shares)[1], 0.375f);
    EXPECT_FLOAT_EQ((*shares)[2], 0) << "5 + 3 of 10 are enough";
}

TEST(Ferplus, ATieOfFourIsRejected) {
    EXPECT_EQ(ferplus_probability_distribution({2, 2, 2, 2, 0, 0, 0, 0, 0, 0}), std::nullopt);
}

TEST(Ferplus, MultiTargetKeepsWhatHasThirtyPercent) {
    const auto shares = ferplus_multi_target_distribution({5, 3, 2, 0, 0, 0, 0, 0, 0, 0});
    ASSERT_TRUE(shares);
    EXPECT_FLOAT_EQ((*shares)[0], 0.625f);
    EXPECT_FLOAT_EQ((*shares)[1], 0.375f);
}

TEST(Ferplus, NobodysVoteIsRejectedInEveryMode) {
    EXPECT_EQ(ferplus_majority_distribution({}), std::nullopt);
    EXPECT_EQ(ferplus_probability_distribution({}), std::nullopt);
    EXPECT_EQ(ferplus_multi_target_distribution({}), std::nullopt);
    EXPECT_EQ(ferplus_soft_target({}), std::nullopt);
}

TEST(Ferplus, TheSoftTargetIsInCanonicalOrderWithoutContemptAndUnknown) {
    const auto target = ferplus_soft_target({4, 0, 1, 2, 0, 0, 1, 1, 1, 0});
    ASSERT_TRUE(target);
    const std::array<float, 7> expected = {0.5f, 0, 0.25f, 0.125f, 0.125f, 0, 0};
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_FLOAT_EQ((*target)[i], expected[i]) << i;
    EXPECT_FLOAT_EQ(std::accumulate(target->begin(), target->end(), 0.0f), 1);
}

TEST(Ferplus, TheSoftTargetNeedsTwoVotes) {
    EXPECT_EQ(ferplus_soft_target({1, 0, 0, 0, 0, 0, 0, 5, 4, 0}), std::nullopt);
    EXPECT_TRUE(ferplus_soft_target({1, 1, 0, 0, 0, 0, 0, 5, 3, 0}));
}

}  // namespace
}  // namespace affectsr
