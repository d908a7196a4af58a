#include "affectsr/experiment/reading_tally.h"

#include <gtest/gtest.h>

#include "affectsr/experiment/test_dataset.h"

namespace affectsr {
namespace {

TEST(ReadingTally, CountsFlipsByLabelAndFacesThatAreNoLongerRead) {
    ReadingTally tally({}, 1);
    tally.add(sure_of(Emotion::happiness), sure_of(Emotion::happiness));
    tally.add(sure_of(Emotion::happiness), sure_of(Emotion::neutral));
    tally.add(sure_of(Emotion::sadness), {});
    tally.add(sure_of(Emotion::sadness), sure_of(Emotion::sadness));
    const Json row = tally.row();
    EXPECT_EQ(row["flip_rate"], 0.5);
    EXPECT_EQ(row["flips"][1][0], 1);
    EXPECT_EQ(row["flips"][2][2], 1);
    EXPECT_EQ(row["flip_labels"][2], "sadness");
    EXPECT_TRUE(row["ecm"].is_number());
}

TEST(ReadingTally, BeforeTheFirstReadingNothingIsDefined) {
    ReadingTally tally({}, 1);
    EXPECT_TRUE(tally.row()["flip_rate"].is_null());
    tally.add({}, sure_of(Emotion::fear));
    EXPECT_TRUE(tally.row()["flip_rate"].is_null()) << "not read on the original";
    EXPECT_TRUE(tally.row()["ecm"].is_null());
    tally.add(sure_of(Emotion::contempt), sure_of(Emotion::fear));
    EXPECT_EQ(tally.row()["flip_rate"], 1.0);
}

}  // namespace
}  // namespace affectsr
