#include "affectsr/face/expression.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(Expression, EveryNameIsReadBackAsItsEmotion) {
    for (int i = 0; i <= static_cast<int>(Emotion::contempt); ++i) {
        const auto emotion = static_cast<Emotion>(i);
        EXPECT_EQ(emotion_from(name_of(emotion)), emotion);
    }
}

TEST(Expression, KnowsTheSpellingsOfTheDataSets) {
    EXPECT_EQ(emotion_from("happy"), Emotion::happiness);
    EXPECT_EQ(emotion_from("joy"), Emotion::happiness);
    EXPECT_EQ(emotion_from("Sad"), Emotion::sadness);
    EXPECT_EQ(emotion_from("ANGRY"), Emotion::anger);
    for (const char* word : {"fear", "afraid", "fearful", "scared"})
        EXPECT_EQ(emotion_from(word), Emotion::fear) << word;
    EXPECT_EQ(emotion_from("Surprised"), Emotion::surprise);
    EXPECT_EQ(emotion_from("disgusted"), Emotion::disgust);
}

TEST(Expression, TrimsBlanksAndCarriageReturns) {
    EXPECT_EQ(emotion_from(" \tAnger \r\n"), Emotion::anger);
}

TEST(Expression, AWordItDoesNotKnowIsNoEmotion) {
    for (const char* word : {"", "  ", "AF", "unknown", "NF", "happinesss", "0"})
        EXPECT_EQ(emotion_from(word), std::nullopt);
}

TEST(Expression, SevenEmotionsAreTheCanonicalOrderWithoutContempt) {
    ASSERT_EQ(seven_emotions().size(), static_cast<std::size_t>(kExpressionClasses));
    for (int i = 0; i < kExpressionClasses; ++i)
        EXPECT_EQ(static_cast<int>(seven_emotions()[static_cast<std::size_t>(i)]), i);
    EXPECT_EQ(names_of(seven_emotions()),
              (std::vector<std::string>{"neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger"}));
}

TEST(Expression, BestIsTheMostProbableAndTheFirstOfEquals) {
    const Expression expression{{Emotion::sadness, Emotion::fear, Emotion::anger}, {0.2f, 0.4f, 0.4f}};
    EXPECT_EQ(expression.best(), Emotion::fear);
    EXPECT_FLOAT_EQ(expression.confidence(), 0.4f);
    EXPECT_FLOAT_EQ(expression.of(Emotion::sadness), 0.2f);
    EXPECT_FLOAT_EQ(expression.of(Emotion::contempt), 0.0f);
}

TEST(Expression, AnEmptyExpressionHasNoBest) {
    EXPECT_TRUE(Expression{}.empty());
    EXPECT_THROW(Expression{}.best(), Bug);
    EXPECT_THROW(Expression{}.confidence(), Bug);
    EXPECT_FLOAT_EQ(Expression{}.of(Emotion::fear), 0.0f);
}

}  // namespace
}  // namespace affectsr
