#include "affectsr/data/picture_list.h"

#include <gtest/gtest.h>

#include "affectsr/data/test_picture_folder.h"

namespace affectsr {
namespace {

ListedPicture listed(const std::filesystem::path& path, const std::string& split = "") {
    ListedPicture picture;
    picture.info.path = path;
    picture.info.split = split;
    return picture;
}

TEST(PictureList, CutsTheFaceOutOfItsPicture) {
    const PictureFolder folder;
    Image photo(6, 5);
    photo.pixel(2, 1)[0] = 200;
    write_image(folder.path() / "photo.png", photo);
    PictureListContent content;
    content.pictures = {listed(folder.path() / "photo.png")};
    content.pictures[0].face_in_picture = Box{2, 1, 3, 2};
    const PictureList list(content, "");
    Image expected(3, 2);
    expected.pixel(0, 0)[0] = 200;
    EXPECT_EQ(list.at(0).picture, expected);
}

TEST(PictureList, AFaceBoxIsCutAtThePicturesEdgeAndRefusedBeyondIt) {
    const PictureFolder folder;
    folder.picture("photo.png", 7, 6);
    PictureListContent content;
    content.card.name = "some set";
    content.pictures = {listed(folder.path() / "photo.png"), listed(folder.path() / "photo.png")};
    content.pictures[0].face_in_picture = Box{-5, 2, 8, 1e9f};
    content.pictures[1].face_in_picture = Box{6, 0, 4, 4};
    const PictureList list(content, "");
    EXPECT_EQ(list.at(0).picture.size(), (ImageSize{3, 4}));
    const std::string what = refusal([&] { list.at(1); });
    EXPECT_NE(what.find("some set: "), std::string::npos) << what;
    EXPECT_NE(what.find("photo.png: the face box lies outside the picture of 6x6"), std::string::npos) << what;
}

TEST(PictureList, EveryRowThatWasSkippedIsCounted) {
    PictureListContent content;
    content.card.name = "some set";
    content.skip("list.txt line 2", "it has no label");
    content.skip("list.txt line 5", "it has no label");
    EXPECT_EQ(refusal([&] { PictureList(content, ""); }),
              "dataset_unreadable: data set \"some set\": has no picture that can be used (2 were skipped)");
    content.pictures = {listed("a.png")};
    EXPECT_EQ(PictureList(content, "").card().skipped, 2);
}

TEST(PictureList, SplitsStandInTheOrderOfTheirFirstPicture) {
    PictureListContent content;
    content.pictures = {listed("a", "val"), listed("b"), listed("c", "train"), listed("d", "val")};
    EXPECT_EQ(PictureList(content, "").card().splits, (std::vector<std::string>{"val", "train"}));
    EXPECT_EQ(PictureList(content, "").size(), 4u);
    EXPECT_EQ(PictureList(content, "VAL").size(), 2u);
}

TEST(PictureList, WarnsOfPeopleWhoStandInMoreThanOneSplit) {
    PictureListContent content;
    content.card.name = "some set";
    content.pictures = {listed("a", "train"), listed("b", "test"), listed("c", "test")};
    for (ListedPicture& picture : content.pictures) picture.info.subject = "Ann";
    testing::internal::CaptureStderr();
    PictureList(content, "test");
    const std::string warning = testing::internal::GetCapturedStderr();
    EXPECT_NE(warning.find("some set: subjects in more than one split: 1, the first is \"Ann\""), std::string::npos)
        << warning;
}

}  // namespace
}  // namespace affectsr
