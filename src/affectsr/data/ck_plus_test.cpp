#include "affectsr/data/ck_plus.h"

#include <gtest/gtest.h>

#include "affectsr/data/catalog.h"
#include "affectsr/data/test_picture_folder.h"

namespace affectsr {
namespace {

TEST(CkPlus, TheLabelIsAFloatThatIsWhole) {
    EXPECT_EQ(ck_plus_label("   3.0000000e+00\r\n"), Emotion::disgust);
    for (const char* text : {"", "8.0", "3.5", "-1", "happy", "1 2"})
        EXPECT_EQ(ck_plus_label(text), std::nullopt) << text;
}

TEST(CkPlus, TheLabelBelongsToThePeakOfALabelledSequence) {
    const PictureFolder folder;
    for (const char* frame : {"S005/001/S005_001_00000001.png", "S005/001/S005_001_00000002.png",
                              "S005/001/S005_001_00000003.png", "S010/002/S010_002_00000001.png"}) {
        folder.picture(std::filesystem::path("cohn-kanade-images") / frame);
    }
    folder.write("Emotion/S005/001/S005_001_00000003_emotion.txt", "   5.0000000e+00\n");
    std::filesystem::create_directories(folder.path() / "Emotion/S010/002");
    const std::string root = folder.path().string();
    const auto peaks = open_dataset("ck_plus", {{"root", root}});
    ASSERT_EQ(peaks->size(), 1u);
    EXPECT_EQ(peaks->info(0).path.filename(), "S005_001_00000003.png");
    EXPECT_EQ(peaks->info(0).label, Emotion::happiness);
    EXPECT_EQ(peaks->info(0).subject, "S005");
    EXPECT_EQ(peaks->card().skipped, 1) << "the frame of the sequence without a label";
    const auto protocol = open_dataset("ck_plus", {{"root", root}, {"peak_frames", 2}, {"first_as_neutral", true}});
    ASSERT_EQ(protocol->size(), 3u);
    EXPECT_EQ(protocol->info(0).label, Emotion::neutral);
    EXPECT_EQ(protocol->info(1).label, Emotion::happiness);
}

}  // namespace
}  // namespace affectsr
