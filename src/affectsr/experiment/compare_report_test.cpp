#include "affectsr/experiment/compare_report.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/experiment/test_compare.h"

namespace affectsr {
namespace {

using namespace test_compare;

class CompareReport : public ::testing::Test {
 protected:
    std::vector<Json> add(const Image& before, const Image& after, const std::string& name = "a.png") {
        return comparison_.add(name, "out/" + name, compare_faces(before, after, name, party_, options_));
    }
    CompareOptions options_;
    CompareParty party_ = party(2);
    FaceComparison comparison_{party_, options_};
};

TEST_F(CompareReport, EveryFaceHasARowForEveryJudgeWithEveryKey) {
    const auto rows = add(picture_of(Emotion::happiness, 90), picture_of(Emotion::sadness, 90, 512));
    ASSERT_EQ(rows.size(), 2U);
    const Json& row = rows[1];
    EXPECT_EQ(row["before"], "a.png");
    EXPECT_EQ(row["after"], "out/a.png");
    EXPECT_EQ(row["status"], "compared");
    EXPECT_EQ(row["judge"], "judge2");
    EXPECT_EQ(row["face"], 1);
    EXPECT_EQ(row["verdict"], "changed");
    EXPECT_EQ(row["label_before"], "happiness");
    EXPECT_EQ(row["label_after"], "sadness");
    EXPECT_NEAR(row["confidence_after"].get<double>(), 0.9, 1e-5);
    EXPECT_GT(row["divergence_bits"].get<double>(), 0.5);
    EXPECT_NEAR(row["entropy_change_bits"].get<double>(), 0, 1e-5);
    EXPECT_EQ(row["flipped"], true);
    EXPECT_TRUE(row["landmark_shift"].is_number());
    EXPECT_EQ(row["box_before"].size(), 4U);
    EXPECT_NEAR(row["probabilities_before"]["happiness"].get<double>(), 0.9, 1e-5);
    const Json failed = comparison_.add_failed("b.png", "", "no_partner", "b.png: no picture after has its name");
    std::vector<std::string> keys, failed_keys;
    for (const auto& [key, value] : row.items()) keys.push_back(key);
    for (const auto& [key, value] : failed.items()) failed_keys.push_back(key);
    EXPECT_EQ(keys, failed_keys);
    EXPECT_EQ(failed["error"]["code"], "no_partner");
    EXPECT_TRUE(failed["after"].is_null());
}

TEST_F(CompareReport, JudgesHaveTheirVerdictsFlipsAndMeasures) {
    add(picture_of(Emotion::happiness, 90), picture_of(Emotion::happiness, 90, 512));
    add(picture_of(Emotion::happiness, 90), picture_of(Emotion::sadness, 90, 512));
    add(picture_of(Emotion::happiness, 95), picture_of(Emotion::happiness, 50, 512));
    add(picture_of(Emotion::fear, 30), picture_of(Emotion::fear, 30, 512));
    const Report report = comparison_.report({}, false);
    ASSERT_EQ(report.rows.size(), 2U);
    const Json& row = report.rows[0];
    for (const char* verdict : {"kept", "changed", "drifted", "undetermined"}) EXPECT_EQ(row[verdict], 1) << verdict;
    EXPECT_EQ(row["faces"], 4);
    EXPECT_EQ(row["flip_count"], 1);
    EXPECT_EQ(row["flip_rate"], 0.25);
    EXPECT_EQ(row["flips"][1][2], 1);
    EXPECT_TRUE(row["ecm"].is_number());
    EXPECT_TRUE(row["flip_rate_high"].is_number());
    EXPECT_EQ(row["landmark_n"], 4);
    EXPECT_EQ(report.facts["pairs"], 4);
    EXPECT_EQ(report.facts["judges"]["judge2"], "abc");
    EXPECT_EQ(report.facts["faces"].size(), 8U);
    EXPECT_EQ(report.matrices.size(), 2U);
    EXPECT_EQ(report.json()["faces"].size(), 8U);
}

TEST_F(CompareReport, AVanishedFaceFlipsAndOneThatAppearedIsInNoFigure) {
    add(picture_of(Emotion::happiness, 90), picture_of(Emotion::happiness, 90, 512));
    const auto lost = add(picture_of(Emotion::happiness, 90), empty_picture(512));
    const auto gained = add(empty_picture(), picture_of(Emotion::happiness, 90, 512));
    const auto nobody = add(empty_picture(), empty_picture(512));
    EXPECT_EQ(lost[0]["status"], "vanished");
    EXPECT_TRUE(lost[0]["verdict"].is_null());
    EXPECT_EQ(lost[0]["label_after"], "undetermined");
    EXPECT_TRUE(lost[0]["box_after"].is_null());
    EXPECT_EQ(gained[0]["status"], "appeared");
    EXPECT_TRUE(gained[0]["box_before"].is_null());
    ASSERT_EQ(nobody.size(), 1U);
    EXPECT_EQ(nobody[0]["status"], "no_face");
    const Report report = comparison_.report({}, true);
    EXPECT_EQ(report.rows[0]["faces"], 1);
    EXPECT_EQ(report.rows[0]["flip_count"], 1);
    EXPECT_EQ(report.rows[0]["flip_rate"], 0.5);
    EXPECT_EQ(report.facts["vanished"], 1);
    EXPECT_EQ(report.facts["appeared"], 1);
    EXPECT_EQ(report.facts["no_face"], 1);
    EXPECT_TRUE(report.interrupted);
}

TEST_F(CompareReport, TheWorstAreKeptLargestFirst) {
    for (int i = 0; i < 30; ++i)
        add(picture_of(Emotion::happiness, 95), picture_of(Emotion::happiness, 95 - 2 * ((i * 7) % 30), 512),
            std::to_string((i * 7) % 30) + ".png");
    const auto& worst = comparison_.worst();
    ASSERT_EQ(worst.size(), kMostWorst);
    EXPECT_EQ(worst.front().before, "29.png");
    EXPECT_EQ(worst.back().before, "10.png");
    for (std::size_t i = 1; i < worst.size(); ++i) EXPECT_LE(worst[i].divergence_bits, worst[i - 1].divergence_bits);
    EXPECT_FALSE(worst.front().picture_before.empty());
    EXPECT_NE(worst.front().lines.at(1).find("judge2: happiness 95 % → happiness 37 %"), std::string::npos)
        << worst.front().lines.at(1);
}

TEST_F(CompareReport, CsvHasALineForEveryRow) {
    add(picture_of(Emotion::happiness, 90), picture_of(Emotion::sadness, 90, 512), "a,b.png");
    comparison_.add_failed("c.png", "", "no_partner", "alone");
    const std::string csv = compared_faces_csv(comparison_.rows());
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 4);
    EXPECT_EQ(csv.find("before,after,status,error.code"), 0U);
    EXPECT_NE(csv.find("\n\"a,b.png\",\"out/a,b.png\",compared,"), std::string::npos) << csv;
    EXPECT_NE(csv.find("probabilities_after.anger"), std::string::npos);
}

}  // namespace
}  // namespace affectsr
