#include "affectsr/data/raf_db.h"

#include <gtest/gtest.h>

#include "affectsr/data/catalog.h"
#include "affectsr/data/test_picture_folder.h"

namespace affectsr {
namespace {

constexpr const char* kAttributes = "1\t2\n3 4\n5.5\t6\n7 8\n9\t10\n1\n0\n4\n";

std::unique_ptr<Dataset> open(const PictureFolder& folder, const std::string& pictures = "aligned") {
    return open_dataset("raf_db", {{"root", folder.path().string()}, {"pictures", pictures}});
}

TEST(RafDb, ReadsTheListWhereverItLies) {
    for (const char* basic : {"", "basic/", "RAF-DB/basic/"}) {
        const PictureFolder folder;
        folder.write(std::string(basic) + "EmoLabel/list_patition_label.txt",
                     "\xEF\xBB\xBFtrain_00001.jpg 5\r\ntest_0001_aligned.jpg\t4\r\n");
        folder.picture(std::string(basic) + "Image/aligned/train_00001_aligned.JPG", 11);
        folder.picture(std::string(basic) + "Image/aligned/test_0001_aligned.png", 22);
        const auto dataset = open(folder);
        ASSERT_EQ(dataset->size(), 2u) << basic;
        EXPECT_EQ(dataset->at(0).picture, Image(4, 4, 11));
        EXPECT_EQ(dataset->at(1).picture, Image(4, 4, 22));
        EXPECT_EQ(dataset->info(0).label, Emotion::sadness);
        EXPECT_EQ(dataset->info(1).split, "test");
    }
}

TEST(RafDb, LinesThatDoNotFitAreSkippedAndCounted) {
    const PictureFolder folder;
    folder.write("list_patition_label.txt",
                 "train_00001.jpg 5\ntrain_00002.jpg 0\ntrain_00003.jpg 8\ntrain_00004.jpg\nother_1.jpg 3\n"
                 "train_00001.jpg 6\ntrain_/../../x.jpg 2\ntrain_00005.jpg happy\n\ntest_0002.jpg 7\n");
    const auto dataset = open(folder);
    ASSERT_EQ(dataset->size(), 2u);
    EXPECT_EQ(dataset->card().skipped, 7);
    EXPECT_EQ(dataset->info(0).label, Emotion::sadness) << "the first of two lines counts";
    EXPECT_EQ(dataset->info(1).row, 10);
}

TEST(RafDb, TheOriginalPhotosComeWithTheirLandmarks) {
    const PictureFolder folder;
    folder.write("EmoLabel/list_patition_label.txt", "train_00001.jpg 5\ntrain_00002.jpg 5\ntrain_00003.jpg 5\n");
    for (const char* name : {"train_00001", "train_00002", "train_00003"}) {
        folder.picture("Image/original/" + std::string(name) + ".jpg");
    }
    folder.write("Annotation/manual/train_00001_manu_attri.txt", kAttributes);
    folder.write("Annotation/manual/train_00003_manu_attri.txt", "1 2\n");
    const auto dataset = open(folder, "original");
    const Landmarks points = dataset->at(0).landmarks_in_picture;
    ASSERT_EQ(points.size(), 5u);
    EXPECT_FLOAT_EQ(points[2].x, 5.5f);
    EXPECT_TRUE(dataset->at(1).landmarks_in_picture.empty());
    EXPECT_NE(refusal([&] { dataset->at(2); }).find("train_00003_manu_attri.txt"), std::string::npos);
}

TEST(RafDb, AttributesAreFivePointsAndThreeNumbers) {
    const auto attributes = raf_db_attributes(kAttributes);
    ASSERT_TRUE(attributes);
    EXPECT_EQ(attributes->gender, 1);
    EXPECT_EQ(attributes->race, 0);
    EXPECT_EQ(attributes->age_group, 4);
    EXPECT_EQ(raf_db_attributes("1 2\n3 4\n5 6\n7 8\n9 10\n1\n0\n5\n"), std::nullopt) << "age groups are 0 to 4";
    EXPECT_EQ(raf_db_attributes("1 2\n3 4\n5 6\n7 8\n1\n0\n4\n"), std::nullopt);
}

TEST(RafDb, ReadsTheFoldersOfTheKaggleCopy) {
    const PictureFolder folder;
    folder.picture("DATASET/train/1/train_00001_aligned.jpg");
    folder.picture("DATASET/test/7/test_0001_aligned.jpg");
    folder.picture("DATASET/test/9/odd.jpg");
    const auto dataset = open(folder);
    ASSERT_EQ(dataset->size(), 2u);
    EXPECT_EQ(dataset->info(0).label, Emotion::neutral);
    EXPECT_EQ(dataset->info(0).split, "test");
    EXPECT_EQ(dataset->info(1).label, Emotion::surprise);
    EXPECT_EQ(dataset->card().skipped, 1);
    EXPECT_THROW(open(folder, "original"), UsageError);
    EXPECT_THROW(open(folder, "cropped"), UsageError);
}

}  // namespace
}  // namespace affectsr
