#include "affectsr/data/folder_index.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "affectsr/base/test_folder.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

TEST(FolderIndex, ListsPicturesSortedByPathWhateverTheCaseOfTheirExtension) {
    const TestFolder folder;
    for (const char* file : {"b/2.PNG", "a.JPG", "b/1.jpeg", "b.webp", "notes.txt", "c.tiff"}) folder.write(file, "x");
    const FolderIndex index(folder.path());
    EXPECT_EQ(index.pictures(), (std::vector<fs::path>{"a.JPG", "b.webp", "b/1.jpeg", "b/2.PNG"}));
    EXPECT_EQ(index.foreign_pictures(), (std::vector<fs::path>{"c.tiff"}));
}

TEST(FolderIndex, LeavesOutHiddenFilesAndWhatMacosAdds) {
    const TestFolder folder;
    for (const char* file : {"a.jpg", "._a.jpg", ".cache/b.jpg", "__MACOSX/a.jpg"}) folder.write(file, "x");
    EXPECT_EQ(FolderIndex(folder.path()).pictures(), (std::vector<fs::path>{"a.jpg"}));
}

TEST(FolderIndex, FollowsALinkedFolderButNoCircle) {
    const TestFolder folder, elsewhere;
    elsewhere.write("far.jpg", "x");
    folder.write("near.jpg", "x");
    fs::create_directory_symlink(elsewhere.path(), folder.path() / "link");
    fs::create_directory_symlink(folder.path(), folder.path() / "circle");
    fs::create_symlink("nowhere.jpg", folder.path() / "broken.jpg");
    EXPECT_EQ(FolderIndex(folder.path()).pictures(), (std::vector<fs::path>{"link/far.jpg", "near.jpg"}));
}

TEST(FolderIndex, TellsWhatItCouldNotEnterOrFollow) {
    const TestFolder folder;
    for (const char* file : {"a/1.jpg", "closed/2.jpg", "listable/sub/3.jpg", "lost+found/4.jpg"})
        folder.write(file, "x");
    folder.permit("closed", 0);
    folder.permit("listable", 0444);
    fs::create_directory_symlink("nowhere", folder.path() / "dangling");
    fs::create_symlink("nowhere.jpg", folder.path() / "a/gone.jpg");
    fs::create_symlink("itself", folder.path() / "itself");
    fs::create_directory_symlink("..", folder.path() / "a/circle");
    ASSERT_EQ(::mkfifo((folder.path() / "pipe.png").c_str(), 0600), 0);
    const AsNobody nobody;
    const FolderIndex index(folder.path());
    std::vector<std::string> told;
    for (const Unreadable& one : index.unreadable())
        told.push_back(one.path.lexically_relative(folder.path()).string() + ": " + one.reason);
    EXPECT_EQ(told,
              (std::vector<std::string>{
                  "a/circle: the link leads back to a folder above it", "a/gone.jpg: the link leads nowhere",
                  "closed: Permission denied", "dangling: the link leads nowhere", "itself: the link leads to itself",
                  "listable/sub: Permission denied", "pipe.png: it is neither a file nor a folder"}));
    EXPECT_EQ(index.pictures(), (std::vector<fs::path>{"a/1.jpg"}));
    EXPECT_EQ(account_of(index.unreadable()).substr(0, 56),
              "7 folders or files could not be entered, the first is " + folder.path().string().substr(0, 2));
}

TEST(FolderIndex, ALinkBetweenTwoFoldersHidesNeither) {
    const TestFolder folder;
    for (const char* file : {"angry/1.jpg", "happy/2.jpg"}) folder.write(file, "x");
    fs::create_directory_symlink("../happy", folder.path() / "angry/more");
    fs::create_directory_symlink("../angry", folder.path() / "happy/more");
    const FolderIndex index(folder.path());
    EXPECT_EQ(index.pictures(),
              (std::vector<fs::path>{"angry/1.jpg", "angry/more/2.jpg", "happy/2.jpg", "happy/more/1.jpg"}));
    EXPECT_EQ(index.unreadable().size(), 2u) << "only the way back into itself is left out, and told";
}

TEST(FolderIndex, AFolderThatCannotBeSearchedIsNotTakenForAnEmptyOne) {
    const TestFolder folder;
    folder.write("closed/label.csv", "x");
    folder.permit("closed", 0);
    const AsNobody nobody;
    std::vector<Unreadable> unreadable;
    EXPECT_FALSE(is_there(folder.path() / "closed/label.csv", unreadable));
    EXPECT_TRUE(folders_in(folder.path() / "closed", unreadable).empty());
    ASSERT_EQ(unreadable.size(), 1u) << "each path once";
    EXPECT_EQ(unreadable[0].path, folder.path() / "closed");
    EXPECT_FALSE(is_there(folder.path() / "no/such", unreadable));
    EXPECT_EQ(unreadable.size(), 1u) << "what is not there is no fault";
    EXPECT_EQ(find_folder(folder.path(), "Emotion", unreadable), std::nullopt);
    EXPECT_TRUE(refusal([&] { FolderIndex(folder.path() / "closed"); }).ends_with("Permission denied"));
}

TEST(FolderIndex, FindsAListByItsFirstNameAndNearestPlace) {
    const TestFolder folder;
    for (const char* file : {"deep/below/list.TXT", "z/List.txt", "other.csv"}) folder.write(file, "x");
    const FolderIndex index(folder.path());
    EXPECT_EQ(index.find_file({"list.txt", "other.csv"}), folder.path() / "z/List.txt");
    EXPECT_EQ(index.find_file({"none.txt", "OTHER.csv"}), folder.path() / "other.csv");
    EXPECT_EQ(index.find_file({"none.txt"}), std::nullopt);
}

TEST(FolderIndex, ItsHashChangesWithTheNamesOnly) {
    const TestFolder one, other;
    one.write("a.jpg", "1");
    other.write("a.jpg", "2");
    EXPECT_EQ(FolderIndex(one.path()).sha256(), FolderIndex(other.path()).sha256());
    other.write("b.jpg", "2");
    EXPECT_NE(FolderIndex(one.path()).sha256(), FolderIndex(other.path()).sha256());
}

TEST(FolderIndex, AMissingFolderIsRefused) {
    EXPECT_TRUE(refusal([] { FolderIndex("/no/such/folder"); }).starts_with("dataset_unreadable: /no/such/folder"));
}

TEST(FolderIndex, FindsAListedPictureUnderAnotherExtensionOrCase) {
    const TestFolder folder;
    for (const char* file : {"1.PNG", "Sub/2.jpg", "sub/3.jpg"}) folder.write(file, "x");
    PictureFinder finder(folder.path());
    EXPECT_EQ(finder.find("1.jpg"), folder.path() / "1.PNG");
    EXPECT_EQ(finder.find("sub/2.JPG"), folder.path() / "Sub/2.jpg");
    EXPECT_EQ(finder.find("3.jpg"), folder.path() / "sub/3.jpg") << "a bare name is found below";
    EXPECT_EQ(finder.missing(), 0);
    EXPECT_EQ(finder.find("4.jpg"), folder.path() / "4.jpg");
    EXPECT_EQ(finder.missing(), 1);
}

TEST(FolderIndex, FindsTheNearestFolderOfAName) {
    const TestFolder folder;
    folder.write("a/b/Images/x", "");
    folder.write("z/images/x", "");
    std::vector<Unreadable> unreadable;
    EXPECT_EQ(find_folder(folder.path(), "IMAGES", unreadable), folder.path() / "z/images");
    EXPECT_EQ(find_folder(folder.path() / "z/images", "images", unreadable), folder.path() / "z/images");
    EXPECT_EQ(find_folder(folder.path(), "images", unreadable, 1), std::nullopt);
    EXPECT_TRUE(unreadable.empty());
}

TEST(FolderIndex, OnlyRelativePathsWithoutDotDotStayInside) {
    EXPECT_TRUE(stays_inside("a/b..c.jpg"));
    for (const char* path : {"", "/a.jpg", "../a.jpg", "a/../../b.jpg"}) EXPECT_FALSE(stays_inside(path)) << path;
}

}  // namespace
}  // namespace affectsr
