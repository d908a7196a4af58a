#include "affectsr/experiment/figures.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/experiment/test_dataset.h"

namespace affectsr {
namespace {

Verdict verdict(Emotion truth, std::optional<Emotion> answer, const std::string& reason = "") {
    Verdict one;
    one.truth = truth;
    if (answer) one.answer = sure_of(*answer, 0.7f);
    one.reason = reason;
    one.failed = reason == "truncated";
    return one;
}

// Two right, one wrong, one undetermined, one unreadable, one contempt.
std::vector<Verdict> six_faces() {
    return {verdict(Emotion::neutral, Emotion::neutral),       verdict(Emotion::anger, Emotion::anger),
            verdict(Emotion::anger, Emotion::neutral),         verdict(Emotion::fear, std::nullopt, "constant"),
            verdict(Emotion::fear, std::nullopt, "truncated"), verdict(Emotion::contempt, Emotion::neutral)};
}

TEST(Figures, AMissingAnswerIsAMissAndTheCoverageSaysSo) {
    const Json row = figures_of(six_faces(), 1);
    EXPECT_EQ(row["n"], 6);
    EXPECT_EQ(row["found"], 4);
    EXPECT_EQ(row["undetermined"], 1);
    EXPECT_EQ(row["failed"], 1);
    EXPECT_DOUBLE_EQ(row["accuracy"].get<double>(), 2.0 / 6);
    EXPECT_DOUBLE_EQ(row["coverage"].get<double>(), 4.0 / 6);
    EXPECT_DOUBLE_EQ(row["accuracy_found"].get<double>(), 2.0 / 4);
    EXPECT_EQ(row["reasons"], Json({{"constant", 1}, {"truncated", 1}}));
}

TEST(Figures, ARestorerThatFailedIsCountedThoughTheFaceWasAnswered) {
    std::vector<Verdict> verdicts(3);
    for (Verdict& verdict : verdicts) verdict.answer = {seven_emotions(), {1, 0, 0, 0, 0, 0, 0}};
    verdicts[1].reason = "restorer_constant";
    const Json row = figures_of(verdicts, 1);
    EXPECT_EQ(row["found"], 3);
    EXPECT_EQ(row["reasons"], Json({{"restorer_constant", 1}}));
}

TEST(Figures, ContemptIsAnEighthRowOfMisses) {
    const Json row = figures_of(six_faces(), 1);
    ASSERT_EQ(row["confusion"].size(), 8u);
    EXPECT_EQ(row["confusion"][7].dump(), "[1,0,0,0,0,0,0]");
    EXPECT_EQ(row["unanswered"].dump(), "[0,0,0,0,2,0,0,0]");
    EXPECT_EQ(row["by_class"]["contempt"], Json({{"n", 1}, {"recall", 0.0}}));
}

TEST(Figures, WithoutContemptTheMatrixIsSquare) {
    const std::vector<Verdict> faces = {verdict(Emotion::fear, Emotion::fear)};
    const Json row = figures_of(faces, 1);
    EXPECT_EQ(row["confusion"].size(), 7u);
    EXPECT_EQ(row["confusion"][0].size(), 7u);
    EXPECT_FALSE(row["by_class"].contains("contempt"));
}

TEST(Figures, ANetworkThatAnswersContemptHasItAsAClass) {
    std::vector<Verdict> faces(1);
    faces[0].truth = Emotion::contempt;
    faces[0].answer = {{Emotion::neutral, Emotion::contempt}, {0.1f, 0.9f}};
    const Json row = figures_of(faces, 1);
    EXPECT_EQ(row["confusion"][7][7], 1);
    EXPECT_EQ(row["accuracy"], 1.0);
}

TEST(Figures, MacroF1IsOverTheClassesSeenAndBalancedOverThosePresent) {
    // neutral: 1 right, 2 falsely → F1 2/4; anger: 1 of 2 → F1 2/3; fear: 0; four classes never occur.
    const Json row = figures_of(six_faces(), 1);
    EXPECT_DOUBLE_EQ(row["macro_f1"].get<double>(), (0.5 + 2.0 / 3) / 3);
    EXPECT_EQ(row["macro_f1_classes"], 3);
    EXPECT_EQ(row["macro_f1_over"], Json({"neutral", "fear", "anger"}));
    EXPECT_DOUBLE_EQ(row["balanced_accuracy"].get<double>(), (1 + 0.5 + 0) / 3);
    EXPECT_EQ(row["balanced_accuracy_over"], Json({"neutral", "fear", "anger"}));
    EXPECT_DOUBLE_EQ(row["by_class"]["neutral"]["precision"].get<double>(), 1.0 / 3);
    EXPECT_TRUE(row["by_class"]["disgust"]["recall"].is_null());
}

TEST(Figures, AClassThatIsOnlyAnsweredCountsForF1AndNotForTheBalancedAccuracy) {
    const std::vector<Verdict> faces = {verdict(Emotion::neutral, Emotion::neutral),
                                        verdict(Emotion::neutral, Emotion::sadness)};
    const Json row = figures_of(faces, 1);
    EXPECT_DOUBLE_EQ(row["macro_f1"].get<double>(), (2.0 / 3) / 2) << "scikit-learn's macro: 2/3 and 0";
    EXPECT_EQ(row["macro_f1_over"], Json({"neutral", "sadness"}));
    EXPECT_EQ(row["balanced_accuracy"], 0.5);
    EXPECT_EQ(row["balanced_accuracy_over"], Json({"neutral"}));
}

TEST(Figures, OfOneClassThatIsAlwaysRightKappaIsNotDefined) {
    const std::vector<Verdict> faces(3, verdict(Emotion::neutral, Emotion::neutral));
    const Json row = figures_of(faces, 1);
    EXPECT_EQ(row["accuracy"], 1.0);
    EXPECT_EQ(row["macro_f1"], 1.0);
    EXPECT_TRUE(row["kappa"].is_null());
}

TEST(Figures, OfContemptThatNobodyAnswersTheMeansAreNotDefined) {
    const std::vector<Verdict> faces(2, verdict(Emotion::contempt, std::nullopt, "constant"));
    const Json row = figures_of(faces, 1);
    EXPECT_EQ(row["accuracy"], 0.0);
    EXPECT_TRUE(row["macro_f1"].is_null());
    EXPECT_EQ(row["macro_f1_classes"], 0);
    EXPECT_TRUE(row["balanced_accuracy"].is_null());
    EXPECT_TRUE(row["ece"].is_null());
}

TEST(Figures, CalibrationIsOfTheDeterminedAnswersWithContemptAsWrong) {
    // Four answers at confidence 0.7 in one bin, two of them right.
    const Json row = figures_of(six_faces(), 1);
    EXPECT_NEAR(row["ece"].get<double>(), 0.2, 1e-6);
    EXPECT_NEAR(row["mean_confidence"].get<double>(), 0.7, 1e-6);
}

TEST(Figures, OfNoFacesAreNull) {
    const Json row = figures_of({}, 1);
    EXPECT_EQ(row["n"], 0);
    for (const char* key :
         {"accuracy", "accuracy_low", "coverage", "accuracy_found", "macro_f1", "balanced_accuracy", "ece"}) {
        EXPECT_TRUE(row.at(key).is_null()) << key;
    }
}

}  // namespace
}  // namespace affectsr
