#include "affectsr/data/source_labels.h"

#include <gtest/gtest.h>

#include <limits>

namespace affectsr {
namespace {

TEST(SourceLabels, TheSameNumberMeansSomethingElseInEverySource) {
    EXPECT_EQ(emotion_of(LabelSet::raf_db, 4), Emotion::happiness);
    EXPECT_EQ(emotion_of(LabelSet::fer2013, 4), Emotion::sadness);
    EXPECT_EQ(emotion_of(LabelSet::fer_plus, 4), Emotion::anger);
    EXPECT_EQ(emotion_of(LabelSet::affectnet, 4), Emotion::fear);
    EXPECT_EQ(emotion_of(LabelSet::ck_plus, 2), Emotion::contempt);
    EXPECT_EQ(emotion_of(LabelSet::exp_w, 2), Emotion::fear);
}

TEST(SourceLabels, ANumberOutsideTheSetMeansNone) {
    EXPECT_EQ(emotion_of(LabelSet::raf_db, 0), std::nullopt);
    EXPECT_EQ(emotion_of(LabelSet::raf_db, 8), std::nullopt);
    for (std::int64_t number : {8, 9, 10}) EXPECT_EQ(emotion_of(LabelSet::affectnet, number), std::nullopt);
    for (std::int64_t number : {8, 9}) EXPECT_EQ(emotion_of(LabelSet::fer_plus, number), std::nullopt);
    EXPECT_EQ(emotion_of(LabelSet::raf_db, std::numeric_limits<std::int64_t>::min()), std::nullopt);
    EXPECT_EQ(emotion_of(LabelSet::fer2013, std::numeric_limits<std::int64_t>::max()), std::nullopt);
}

TEST(SourceLabels, CodesOfFileNamesAreReadInAnyCase) {
    EXPECT_EQ(kdef_emotion("af"), Emotion::fear);
    EXPECT_EQ(kdef_emotion("FE"), std::nullopt) << "fear is AF in KDEF and FE in JAFFE";
    EXPECT_EQ(jaffe_emotion("Fe"), Emotion::fear);
    EXPECT_EQ(jaffe_emotion("AF"), std::nullopt);
    EXPECT_EQ(kdef_emotion("SU"), Emotion::surprise);
}

}  // namespace
}  // namespace affectsr
