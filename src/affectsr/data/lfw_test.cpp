#include "affectsr/data/lfw.h"

#include <gtest/gtest.h>

#include "affectsr/data/catalog.h"
#include "affectsr/data/test_picture_folder.h"

namespace affectsr {
namespace {

std::unique_ptr<Dataset> open(const PictureFolder& folder, const std::string& split = "") {
    return open_dataset("lfw", {{"root", folder.path().string()}, {"split", split}});
}

TEST(Lfw, TheFolderIsThePerson) {
    const PictureFolder folder;
    folder.picture("lfw-deepfunneled/Bob_Hope/Bob_Hope_0002.jpg", 2);
    folder.picture("lfw-deepfunneled/Bob_Hope/Bob_Hope_0001.jpg", 1);
    folder.picture("lfw-deepfunneled/Al_Gore/Al_Gore_0001.jpg", 3);
    folder.picture("lfw-deepfunneled/Al_Gore/Bob_Hope_0003.jpg");
    folder.picture("preview.jpg");
    const auto dataset = open(folder);
    ASSERT_EQ(dataset->size(), 3u);
    EXPECT_EQ(dataset->card().skipped, 2);
    EXPECT_EQ(dataset->info(0).subject, "Al_Gore");
    EXPECT_EQ(dataset->info(0).split, "");
    EXPECT_EQ(dataset->at(1).picture, Image(4, 4, 1));
}

TEST(Lfw, TheOfficialListsOfPeopleAreTheSplits) {
    const PictureFolder folder;
    for (const char* name : {"A_B/A_B_0001.jpg", "A_B/A_B_0002.jpg", "C_D/C_D_0001.jpg", "E_F/E_F_0001.jpg"}) {
        folder.picture(name);
    }
    folder.write("peopleDevTrain.txt", "1\r\nA_B\t2\r\n");
    folder.write("peopleDevTest.txt", "1\nC_D\t1\n");
    EXPECT_EQ(open(folder)->size(), 4u) << "people that neither list names are kept, without a split";
    EXPECT_EQ(open(folder, "train")->size(), 2u);
    const auto test = open(folder, "test");
    ASSERT_EQ(test->size(), 1u);
    EXPECT_EQ(test->info(0).subject, "C_D");
}

}  // namespace
}  // namespace affectsr
