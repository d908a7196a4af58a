#include "affectsr/cli/file_names.h"

#include <gtest/gtest.h>

namespace affectsr::cli {
namespace {

using Names = std::vector<std::string>;

TEST(FileNames, AStemComesFromTheFileName) {
    EXPECT_EQ(output_stems({"photos/party.at.noon.jpg", "-", "plain"}), (Names{"party.at.noon", "stdin", "plain"}));
}

TEST(FileNames, EqualStemsGetNumbers) {
    EXPECT_EQ(output_stems({"a/x.jpg", "b/x.png", "c/x.jpg"}), (Names{"x", "x_2", "x_3"}));
}

TEST(FileNames, ANumberedNameThatIsTakenIsLeftOut) {
    EXPECT_EQ(output_stems({"x_2.jpg", "a/x.jpg", "b/x.jpg"}), (Names{"x_2", "x", "x_3"}));
    EXPECT_EQ(output_stems({"a/x.jpg", "b/x.jpg", "x_2.jpg"}), (Names{"x", "x_2", "x_2_2"}));
}

TEST(FileNames, NamesThatDifferOnlyInCaseAreEqual) {
    EXPECT_EQ(output_stems({"Anna.jpg", "anna.jpg"}), (Names{"Anna", "anna_2"}));
}

TEST(FileNames, NoNameLeavesTheFolder) {
    for (const std::string& stem : output_stems({"..", "../..", "a/..jpg", "/", "", "..\\..\\x.jpg", "a\n.jpg", "."})) {
        EXPECT_EQ(stem.find_first_of("/\\\n"), std::string::npos) << stem;
        EXPECT_NE(stem, "..");
        EXPECT_FALSE(stem.empty());
    }
}

TEST(FileNames, LongNamesLeaveRoomForAnEnding) {
    const Names stems = output_stems({std::string(251, 'a') + ".jpg", std::string(251, 'a') + ".png"});
    EXPECT_EQ(stems[0], std::string(200, 'a'));
    EXPECT_EQ(stems[1], std::string(200, 'a') + "_2");
}

TEST(FileNames, LongNamesAreCutBetweenCharacters) {
    std::string umlauts = "x";
    for (int i = 0; i < 120; ++i) umlauts += "ä";
    EXPECT_EQ(output_stems({umlauts})[0], umlauts.substr(0, 199));
}

TEST(FileNames, BrokenBytesBecomeValidNames) {
    EXPECT_EQ(output_stems({"a/x\xff.jpg", "b/x\xff.jpg"}), (Names{"x\uFFFD", "x\uFFFD_2"}));
}

TEST(FileNames, StemsOfAnEarlierRunStayWithTheirInputs) {
    EXPECT_EQ(output_stems({"a/x.jpg", "b/x.jpg"}, {{"", "x"}, {"x"}}), (Names{"x_2", "x"}));
    EXPECT_EQ(output_stems({"a/x.jpg"}, {{}, {"X", "x_2"}}), Names{"x_3"});
}

TEST(FileNames, AResumedRunGivesTheStemsOfAnUninterruptedOne) {
    const Names inputs = {"a/x.jpg", "x_2.jpg", "b/x.jpg", "X.png", "c/x_2.png", "y.jpg"};
    const Names whole = output_stems(inputs);
    for (std::size_t done = 0; done <= inputs.size(); ++done)
        for (std::size_t failed = 0; failed <= done; ++failed) {
            TakenStems taken;
            for (std::size_t i = 0; i < inputs.size(); ++i) {
                const bool named = i < done && i != failed;  // a failed row names no picture
                taken.of_inputs.push_back(named ? whole[i] : "");
                if (named) taken.others.push_back(whole[i]);
            }
            EXPECT_EQ(output_stems(inputs, taken), whole) << done << " done, but number " << failed;
        }
}

}  // namespace
}  // namespace affectsr::cli
