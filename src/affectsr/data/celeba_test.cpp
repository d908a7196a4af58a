#include "affectsr/data/celeba.h"

#include <gtest/gtest.h>

#include "affectsr/data/catalog.h"
#include "affectsr/data/test_picture_folder.h"

namespace affectsr {
namespace {

std::unique_ptr<Dataset> open(const PictureFolder& folder, const std::string& split = "") {
    return open_dataset("celeba", {{"root", folder.path().string()}, {"split", split}});
}

TEST(Celeba, ReadsPartitionLandmarksAndPeople) {
    const PictureFolder folder;
    folder.write("Eval/list_eval_partition.txt", "000001.jpg 0\r\n000002.jpg 2\r\n");
    folder.write("Anno/list_landmarks_align_celeba.txt",
                 "2\r\nlefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y rightmouth_x "
                 "rightmouth_y \r\n000001.jpg  1  2 3 4   5 6 7 8 9 10\r\n000002.jpg 1 2 3\r\n");
    folder.write("Anno/identity_CelebA.txt", "000001.jpg 2880\n000002.jpg 2937\n");
    folder.picture("Img/img_align_celeba/000001.jpg", 5);
    folder.picture("Img/img_align_celeba/000002.PNG", 6);
    folder.picture("Img/img_celeba/000001.jpg", 99);
    const auto dataset = open(folder);
    ASSERT_EQ(dataset->size(), 2u);
    const Sample sample = dataset->at(0);
    EXPECT_EQ(sample.picture, Image(4, 4, 5)) << "the aligned one, not the photo it was cut from";
    ASSERT_EQ(sample.landmarks_in_picture.size(), 5u);
    EXPECT_FLOAT_EQ(sample.landmarks_in_picture[4].y, 10);
    EXPECT_EQ(sample.info.subject, "2880");
    EXPECT_EQ(sample.info.split, "train");
    EXPECT_EQ(dataset->at(1).picture, Image(4, 4, 6));
    EXPECT_TRUE(dataset->at(1).landmarks_in_picture.empty()) << "its row is cut short";
    EXPECT_EQ(open(folder, "test")->size(), 1u);
}

TEST(Celeba, ReadsTheCommaSeparatedVariant) {
    const PictureFolder folder;
    folder.write("list_eval_partition.csv", "image_id,partition\n000001.jpg,1\n");
    folder.write(
        "list_landmarks_align_celeba.csv",
        "image_id,rightmouth_x,rightmouth_y,lefteye_x,lefteye_y,righteye_x,righteye_y,nose_x,nose_y,leftmouth_x,"
        "leftmouth_y\n000001.jpg,9,10,1,2,3,4,5,6,7,8\n");
    folder.picture("img_align_celeba/img_align_celeba/000001.jpg");
    const auto dataset = open(folder, "val");
    ASSERT_EQ(dataset->size(), 1u);
    EXPECT_EQ(dataset->card().skipped, 0) << "the header is no broken row";
    const Sample sample = dataset->at(0);
    ASSERT_EQ(sample.landmarks_in_picture.size(), 5u);
    EXPECT_FLOAT_EQ(sample.landmarks_in_picture[0].x, 1) << "columns are found by name";
    EXPECT_FLOAT_EQ(sample.landmarks_in_picture[4].x, 9);
}

TEST(Celeba, RowsThatDoNotFitAreSkippedAndCounted) {
    const PictureFolder folder;
    folder.write("list_eval_partition.txt", "000001.jpg 0\n000002.jpg 3\n000003.jpg\n000001.jpg 1\n../x.jpg 1\n");
    EXPECT_EQ(open(folder)->size(), 1u);
    EXPECT_EQ(open(folder)->card().skipped, 4);
}

TEST(Celeba, AMissingPictureNamesItselfAndItsRow) {
    const PictureFolder folder;
    folder.write("list_eval_partition.txt", "000001.jpg 0\n000002.jpg 0\n");
    folder.picture("img_align_celeba/000001.jpg");
    const auto dataset = open(folder);
    EXPECT_NO_THROW(dataset->at(0));
    const std::string what = refusal([&] { dataset->at(1); });
    EXPECT_NE(what.find("list_eval_partition.txt line 2"), std::string::npos) << what;
    EXPECT_NE(what.find("img_align_celeba/000002.jpg"), std::string::npos) << what;
}

TEST(Celeba, ALandmarkListWithoutAColumnIsRefused) {
    EXPECT_NE(refusal([] { celeba_landmarks("1\nlefteye_x\n1.jpg 3\n", "list"); }).find("\"lefteye_y\""),
              std::string::npos);
    EXPECT_NE(refusal([] { celeba_landmarks("", "list"); }).find("list: has no line of column names"),
              std::string::npos);
}

}  // namespace
}  // namespace affectsr
