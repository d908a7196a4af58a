#include "affectsr/data/fer2013.h"

#include <gtest/gtest.h>

#include "affectsr/base/test_folder.h"
#include "affectsr/data/catalog.h"

namespace affectsr {
namespace {

// 2304 values: `level` everywhere but in the first pixel.
std::string pixels(int level, int first = 1, int count = 2304) {
    std::string text = std::to_string(first);
    for (int i = 1; i < count; ++i) text += " " + std::to_string(level);
    return text;
}

constexpr const char* kVotes =
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n";

std::unique_ptr<Dataset> open(const TestFolder& folder, const std::string& split = "") {
    return open_dataset("fer2013", {{"root", folder.path().string()}, {"split", split}});
}

TEST(Fer2013, ReadsTheCompetitionsFileWithBlanksInItsHeader) {
    const TestFolder folder;
    folder.write("icml_face_data.csv",
                 "emotion, Usage, pixels\r\n0,Training," + pixels(7) + "\r\n6,PublicTest,\"" + pixels(9) + "\"\r\n");
    const auto dataset = open(folder);
    ASSERT_EQ(dataset->size(), 2u);
    EXPECT_EQ(dataset->info(0).label, Emotion::anger);
    EXPECT_EQ(dataset->info(1).label, Emotion::neutral);
    EXPECT_EQ(dataset->info(1).split, "PublicTest");
    EXPECT_EQ(dataset->info(1).row, 3);
    EXPECT_EQ(dataset->info(1).path, folder.path() / "icml_face_data.csv");
    const Image picture = dataset->at(1).picture;
    EXPECT_EQ(picture.pixel(0, 0)[2], 1);
    EXPECT_EQ(picture.pixel(47, 47)[0], 9);
    EXPECT_EQ(open(folder, "publictest")->size(), 1u);
}

TEST(Fer2013, MalformedRowsAreSkippedAndCountedAndTheOthersKeepTheirNumbers) {
    const TestFolder folder;
    folder.write("fer2013/fer2013.csv", "emotion,pixels,Usage\n3," + pixels(5, 1, 2303) + ",Training\n7," + pixels(5) +
                                            ",Training\n," + pixels(5) + ",Training\n3," + pixels(256) +
                                            ",Training\n3," + pixels(5) + " x,Training\n3," + pixels(5) +
                                            ",Training\n");
    std::string votes = kVotes;
    for (int row = 0; row < 6; ++row) votes += "Training,x.png," + std::to_string(row) + ",9,0,0,0,0,0,0,0,0\n";
    folder.write("fer2013/fer2013new.csv", votes);
    const auto dataset = open(folder);
    ASSERT_EQ(dataset->size(), 1u);
    EXPECT_EQ(dataset->card().skipped, 5);
    EXPECT_EQ(dataset->info(0).row, 7);
    EXPECT_EQ(dataset->info(0).votes, (FerPlusVotes{5, 9, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(Fer2013, VotesAreJoinedRowByRowWhateverTheImageNamesSay) {
    const TestFolder folder;
    const std::string row = "," + pixels(5) + ",Training\n";
    folder.write("fer2013.csv", "emotion,pixels,Usage\n0" + row + "1" + row + "2" + row + "3" + row);
    folder.write("FER2013NEW.CSV", "\xEF\xBB\xBF" + std::string(kVotes) +
                                       "Training,fer0000000.png,1,0,0,0,0,0,0,0,0,0\n"
                                       "Training,,2,0,0,0,0,0,0,0,0,0\n"
                                       "Training,fer0000001.png,3,0,0,0,0,0,0,0,0,0\n"
                                       "Training,fer0000001.png,many,0,0,0,0,0,0,0,0,0\n");
    const auto dataset = open(folder);
    EXPECT_EQ(dataset->info(0).votes->at(0), 1);
    EXPECT_EQ(dataset->info(1).votes->at(0), 2);
    EXPECT_FALSE(dataset->info(1).usable) << "FER+ gave it no image name";
    EXPECT_EQ(dataset->info(2).votes->at(0), 3);
    EXPECT_EQ(dataset->info(3).votes, std::nullopt) << "\"many\" is no count";
    EXPECT_TRUE(dataset->info(3).usable);
}

TEST(Fer2013, ListsThatDoNotBelongTogetherAreRefused) {
    const TestFolder folder;
    folder.write("fer2013.csv", "emotion,pixels,Usage\n0," + pixels(5) + ",Training\n");
    folder.write("fer2013new.csv", std::string(kVotes) + "PublicTest,fer0000000.png,9,0,0,0,0,0,0,0,0,0\n");
    const std::string what = refusal([&] { open(folder); });
    EXPECT_TRUE(what.starts_with("dataset_unreadable")) << what;
    EXPECT_NE(what.find("fer2013.csv: line 2"), std::string::npos) << what;
    EXPECT_NE(what.find("do not belong together"), std::string::npos) << what;
}

TEST(Fer2013, APictureOfOneFlatColourIsNotUsable) {
    const TestFolder folder;
    folder.write("fer2013.csv",
                 "emotion,pixels,Usage\n0," + pixels(5, 5) + ",Training\n0," + pixels(5) + ",Training\n");
    const auto dataset = open(folder);
    EXPECT_FALSE(dataset->info(0).usable);
    EXPECT_TRUE(dataset->info(1).usable);
}

TEST(Fer2013, AMissingColumnOrFileIsNamed) {
    const TestFolder folder;
    folder.write("fer2013.csv", "emotion,picture,Usage\n");
    EXPECT_NE(refusal([&] { open(folder); }).find("no column \"pixels\""), std::string::npos);
    const TestFolder empty;
    EXPECT_NE(refusal([&] { open(empty); }).find("has neither fer2013.csv nor icml_face_data.csv"), std::string::npos);
}

}  // namespace
}  // namespace affectsr
