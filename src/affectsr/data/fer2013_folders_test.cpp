#include "affectsr/data/fer2013_folders.h"

#include <gtest/gtest.h>

#include "affectsr/data/catalog.h"
#include "affectsr/data/test_picture_folder.h"

namespace affectsr {
namespace {

std::unique_ptr<Dataset> open(const std::string& name, const PictureFolder& folder, const std::string& split = "") {
    return open_dataset(name, {{"root", folder.path().string()}, {"split", split}});
}

TEST(Fer2013Folders, TheFolderIsTheLabel) {
    const PictureFolder folder;
    folder.picture("train/angry/2.png", 2);
    folder.picture("train/angry/1.PNG", 1);
    folder.picture("test/surprise/1.jpg", 3);
    folder.picture("train/misc/1.png");
    folder.picture("train/loose.png");
    folder.picture("docs/shot.png");
    const auto dataset = open("fer2013_folders", folder);
    ASSERT_EQ(dataset->size(), 3u);
    EXPECT_EQ(dataset->card().skipped, 2) << "a folder of no emotion, a picture beside the folders";
    EXPECT_EQ(dataset->info(0).label, Emotion::surprise);
    EXPECT_EQ(dataset->info(0).split, "test");
    EXPECT_EQ(dataset->info(1).label, Emotion::anger);
    EXPECT_EQ(dataset->at(1).picture, Image(4, 4, 1)) << "sorted by path";
    EXPECT_EQ(dataset->at(2).picture, Image(4, 4, 2));
    EXPECT_EQ(open("fer2013_folders", folder, "TRAIN")->size(), 2u);
}

TEST(Fer2013Folders, FerPlusFoldersHaveVotesAndNoLabel) {
    const PictureFolder folder;
    folder.picture("FER2013Train/fer0000000.png");
    folder.write("FER2013Train/label.csv",
                 "fer0000000.png,\"(0, 0, 48, 48)\",4,0,0,1,3,2,0,0,0,0\r\n"
                 "fer0000001.png,\"(0, 0, 48, 48)\",4,0,0,1,3,2,0,0\r\n");
    folder.write("FER2013Test/label.csv", "fer0000002.png,\"(0, 0, 48, 48)\",0,0,0,0,0,0,0,0,0,10\n");
    const auto dataset = open("fer2013_folders", folder, "FER2013Train");
    ASSERT_EQ(dataset->size(), 1u);
    EXPECT_EQ(dataset->card().skipped, 1);
    EXPECT_EQ(dataset->info(0).votes, (FerPlusVotes{4, 0, 0, 1, 3, 2, 0, 0, 0, 0}));
    EXPECT_EQ(dataset->info(0).label, std::nullopt);
    EXPECT_NO_THROW(dataset->at(0));
}

TEST(Fer2013Folders, AMissingPictureNamesItselfItsOwnListAndItsRow) {
    const PictureFolder folder;
    folder.write("FER2013Test/label.csv", "\nfer0000002.png,\"(0, 0, 48, 48)\",0,0,0,0,0,0,0,0,0,10\n");
    folder.write("FER2013Train/label.csv", "fer0000000.png,\"(0, 0, 48, 48)\",4,0,0,1,3,2,0,0,0,0\n");
    const auto dataset = open("fer2013_folders", folder);
    const std::string what = refusal([&] { dataset->at(0); });
    EXPECT_NE(what.find("FER2013Test/label.csv line 2"), std::string::npos) << what;
    EXPECT_NE(what.find("fer0000002.png"), std::string::npos) << what;
}

TEST(Fer2013Folders, SfewLiesInFoldersOfItsOwnNames) {
    const PictureFolder folder;
    folder.picture("Train_Aligned_Faces/Happy/a.png");
    folder.picture("Val_Aligned_Faces_new/Sad/b.png");
    folder.picture("Test_Aligned_Faces/c.png");
    const auto dataset = open("sfew", folder);
    ASSERT_EQ(dataset->size(), 2u);
    EXPECT_EQ(dataset->card().splits, (std::vector<std::string>{"Train_Aligned_Faces", "Val_Aligned_Faces_new"}));
    EXPECT_EQ(dataset->info(1).label, Emotion::sadness);
}

}  // namespace
}  // namespace affectsr
