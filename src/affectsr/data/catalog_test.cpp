#include "affectsr/data/catalog.h"

#include <gtest/gtest.h>

#include <map>

#include "affectsr/base/log.h"
#include "affectsr/data/test_picture_folder.h"

namespace affectsr {
namespace {

TEST(Catalog, EveryEntryRefusesAMissingFolderByName) {
    for (const Entry<Dataset>& entry : dataset_catalog()) {
        const std::string what = refusal([&] { open_dataset(entry.name, {{"root", "/no/such/folder"}}); });
        EXPECT_TRUE(what.starts_with("dataset_unreadable")) << entry.name << ": " << what;
        EXPECT_NE(what.find("/no/such/folder"), std::string::npos) << entry.name << ": " << what;
    }
}

TEST(Catalog, EveryEntryAsksForARootAndRefusesAnEmptyFolder) {
    const PictureFolder folder;
    for (const Entry<Dataset>& entry : dataset_catalog()) {
        EXPECT_THROW(open_dataset(entry.name, Json::object()), UsageError) << entry.name;
        const std::string what = refusal([&] { open_dataset(entry.name, {{"root", folder.path().string()}}); });
        EXPECT_TRUE(what.starts_with("dataset_unreadable")) << entry.name << ": " << what;
    }
}

TEST(Catalog, EveryEntryKnowsItsSourceAndRefusesAnUnknownOption) {
    for (const Entry<Dataset>& entry : dataset_catalog()) {
        EXPECT_FALSE(entry.source.empty()) << entry.name;
        EXPECT_THROW(open_dataset(entry.name, {{"colour", "blue"}}), UsageError) << entry.name;
    }
}

TEST(Catalog, AnUnknownNameIsRefusedNamingTheKnownOnes) {
    const std::string what = refusal([] { open_dataset("imagenet", Json::object()); });
    EXPECT_TRUE(what.starts_with("unknown_dataset")) << what;
    EXPECT_NE(what.find("manifest, fer2013, fer2013_folders, raf_db, kdef"), std::string::npos) << what;
}

/// A readable copy of a data set, in as few files as its reader takes.
void fill(const PictureFolder& folder, const std::string& name) {
    constexpr const char* kFrame = "cohn-kanade-images/S005/001/S005_001_00000003.png";
    const std::map<std::string, std::vector<std::string>> pictures = {
        {"fer2013_folders", {"train/happy/1.png"}},
        {"sfew", {"train/happy/1.png"}},
        {"raf_db", {"train/1/train_00001_aligned.jpg"}},
        {"kdef", {"AF01/AF01ANS.JPG"}},
        {"celeba", {"img_align_celeba/000001.jpg"}},
        {"ffhq", {"00001.png"}},
        {"helen", {"100_1.jpg"}},
        {"lfw", {"Al_Gore/Al_Gore_0001.jpg"}},
        {"affectnet", {"Manually_Annotated_Images/1/a.jpg"}},
        {"exp_w", {"image/origin/a.jpg"}},
        {"ck_plus", {kFrame}},
        {"jaffe", {"KA.AN1.39.png"}}};
    for (const std::string& picture : pictures.at(name)) folder.picture(picture);
    if (name == "celeba") folder.write("list_eval_partition.txt", "000001.jpg 0\n");
    if (name == "affectnet") folder.write("training.csv", "subDirectory_filePath,expression\n1/a.jpg,0\n");
    if (name == "exp_w") folder.write("label/label.lst", "a.jpg 0 1 2 5 7 33.5 6\n");
    if (name == "ck_plus") folder.write("Emotion/S005/001/S005_001_00000003_emotion.txt", "5.0\n");
}

TEST(Catalog, NoReaderThatWalksKeepsSilentAboutAFolderThatItCannotEnter) {
    int walkers = 0;
    for (const Entry<Dataset>& entry : dataset_catalog()) {
        if (entry.name == "manifest" || entry.name == "fer2013") continue;  // one list names everything
        const PictureFolder folder;
        fill(folder, entry.name);
        const Json options = {{"root", folder.path().string()}};
        EXPECT_TRUE(open_dataset(entry.name, options)->card().unreadable.empty()) << entry.name;
        // Beside the pictures, where more of them may lie.
        const auto beside =
            open_dataset(entry.name, options)->info(0).path.parent_path().lexically_relative(folder.path());
        folder.picture(beside / "closed/1.png");
        folder.permit(beside / "closed", 0);
        const AsNobody nobody;
        const auto dataset = open_dataset(entry.name, options);
        ASSERT_EQ(dataset->card().unreadable.size(), 1u) << entry.name;
        EXPECT_EQ(dataset->card().unreadable[0].path.filename(), "closed") << entry.name;
        ++walkers;
    }
    EXPECT_EQ(walkers, 12);
}

TEST(Catalog, TheAccountOfADataSetNamesItsClassCounts) {
    const PictureFolder folder;
    folder.write("faces/manifest.csv", "path,label,blank\na,happy,0\nb,joy,1\nc,fear,0\nd,,0\n");
    testing::internal::CaptureStderr();
    set_log_level(LogLevel::info);
    open_dataset("manifest", {{"root", (folder.path() / "faces").string()}});
    set_log_level(LogLevel::warning);
    const std::string account = testing::internal::GetCapturedStderr();
    EXPECT_NE(account.find("faces: 4 faces (happiness 2, fear 1, unlabelled 1), 1 not usable, 0 skipped"),
              std::string::npos)
        << account;
}

}  // namespace
}  // namespace affectsr
