#include "affectsr/data/class_folders.h"

#include <gtest/gtest.h>

#include "affectsr/base/log.h"
#include "affectsr/data/catalog.h"
#include "affectsr/data/test_picture_folder.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<Dataset> open(const PictureFolder& folder, const std::string& split = "") {
    return open_dataset("fer2013_folders", {{"root", folder.path().string()}, {"split", split}});
}

/// Two classes in each of two splits.
void fill(const PictureFolder& folder) {
    for (const char* split : {"train", "test"})
        for (const char* name : {"happy", "sad"}) folder.picture(fs::path(split) / name / "1.png");
}

std::vector<std::string> told(const PictureFolder& folder, const DatasetCard& card) {
    std::vector<std::string> all;
    for (const Unreadable& one : card.unreadable)
        all.push_back(one.path.lexically_relative(folder.path()).string() + ": " + one.reason);
    return all;
}

TEST(ClassFolders, AClassThatCannotBeEnteredIsToldByTheCardAndCountedInAWarning) {
    const PictureFolder folder;
    fill(folder);
    folder.permit("train/happy", 0);
    fs::create_directory_symlink("../nowhere", folder.path() / "train/angry");
    const AsNobody nobody;
    testing::internal::CaptureStderr();
    const auto dataset = open(folder);
    const std::string warned = testing::internal::GetCapturedStderr();
    EXPECT_EQ(told(folder, dataset->card()),
              (std::vector<std::string>{"train/angry: the link leads nowhere", "train/happy: Permission denied"}));
    EXPECT_EQ(dataset->size(), 3u);
    EXPECT_EQ(dataset->card().listed, 3);
    EXPECT_NE(warned.find("warning: fer2013_folders: 2 folders or files could not be entered"), std::string::npos)
        << warned;
    EXPECT_EQ(open(folder, "train")->card().unreadable.size(), 2u);
    EXPECT_TRUE(open(folder, "test")->card().unreadable.empty()) << "the other split is whole";
}

TEST(ClassFolders, ASplitThatCannotBeEnteredIsNoMissingSplit) {
    const PictureFolder folder;
    fill(folder);
    folder.permit("test", 0);
    const AsNobody nobody;
    EXPECT_EQ(told(folder, open(folder)->card()), (std::vector<std::string>{"test: Permission denied"}));
    const std::string what = refusal([&] { open(folder, "test"); });
    EXPECT_TRUE(what.starts_with("dataset_unreadable")) << what;
    EXPECT_NE(what.find("test: Permission denied"), std::string::npos) << what;
    EXPECT_TRUE(open(folder, "train")->card().unreadable.empty());
}

TEST(ClassFolders, AFolderOfNothingButDeadClassesIsASplitToo) {
    const PictureFolder folder;
    fill(folder);
    fs::create_directories(folder.path() / "val");
    fs::create_directory_symlink("nowhere", folder.path() / "val/happy");
    fs::create_directories(folder.path() / "docs");
    fs::create_symlink("nowhere", folder.path() / "docs/readme");
    EXPECT_EQ(told(folder, open(folder)->card()), (std::vector<std::string>{"val/happy: the link leads nowhere"}))
        << "docs is no split";
}

TEST(ClassFolders, IfNothingCanBeEnteredTheRefusalSaysSo) {
    const PictureFolder folder;
    fill(folder);
    folder.permit("test", 0);
    folder.permit("train", 0);
    const AsNobody nobody;
    const std::string what = refusal([&] { open(folder); });
    EXPECT_NE(what.find("2 folders or files could not be entered"), std::string::npos) << what;
    EXPECT_NE(what.find("Permission denied"), std::string::npos) << what;
}

}  // namespace
}  // namespace affectsr
