#include "affectsr/cli/inputs.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"

namespace affectsr::cli {
namespace {

namespace fs = std::filesystem;

/// The names of the inputs relative to the folder, each with its error code where it has one.
std::vector<std::string> names(const TemporaryFolder& folder, const InputWords& words) {
    std::vector<std::string> found;
    for (const Input& input : list_inputs(words)) {
        std::string name = input.name;
        const std::string prefix = folder.path().string() + "/";
        if (name.rfind(prefix, 0) == 0) name.erase(0, prefix.size());
        found.push_back(name + (input.error_code.empty() ? "" : " " + input.error_code));
    }
    return found;
}
using Names = std::vector<std::string>;

TEST(Inputs, AFileIsTakenWhateverItsName) {
    const TemporaryFolder folder;
    EXPECT_EQ(names(folder, {{folder.fill("letter.txt", "x")}, {}}), Names{"letter.txt"});
}

TEST(Inputs, AMissingFileStaysInTheListForItsRow) {
    const TemporaryFolder folder;
    EXPECT_EQ(names(folder, {{(folder / "gone.jpg").string()}, {}}), Names{"gone.jpg"});
}

TEST(Inputs, AFolderGivesItsPicturesSortedToTheBottom) {
    const TemporaryFolder folder;
    for (const char* name : {"b.JPG", "a/z.png", "a/deep/er.webp", "c.jpeg", "notes.txt", ".hidden.jpg", "old.gif"})
        folder.fill(name, "x");
    EXPECT_EQ(names(folder, {{folder.path()}, {}}), (Names{"a/deep/er.webp", "a/z.png", "b.JPG", "c.jpeg", "old.gif"}));
}

TEST(Inputs, AFolderWithoutPicturesGivesOneFailedRow) {
    const TemporaryFolder folder;
    fs::create_directories(folder / "empty/inner");
    EXPECT_EQ(names(folder, {{(folder / "empty").string()}, {}}), Names{"empty empty_folder"});
}

TEST(Inputs, AFolderNamedLikeAPictureIsAFolder) {
    const TemporaryFolder folder;
    folder.fill("x.jpg/inside.png", "x");
    fs::create_directories(folder / "y.jpg");
    folder.fill("z.png", "x");
    EXPECT_EQ(names(folder, {{folder.path()}, {}}), (Names{"x.jpg/inside.png", "y.jpg empty_folder", "z.png"}));
    EXPECT_EQ(names(folder, {{(folder / "x.jpg").string()}, {}}), Names{"x.jpg/inside.png"});
}

TEST(Inputs, LinksToFoldersAreNotFollowedLinksToFilesAre) {
    const TemporaryFolder folder;
    folder.fill("a.jpg", "x");
    fs::create_symlink("..", folder / "loop");
    fs::create_symlink(".", folder / "loop.jpg");
    fs::create_symlink("a.jpg", folder / "b.jpg");
    fs::create_symlink("nowhere", folder / "c.jpg");
    EXPECT_EQ(names(folder, {{folder.path()}, {}}), (Names{"a.jpg", "b.jpg", "c.jpg"}));
}

TEST(Inputs, AFifoInAFolderIsListedNotOpened) {
    const TemporaryFolder folder;
    ASSERT_EQ(mkfifo((folder / "pipe.jpg").c_str(), 0600), 0);
    EXPECT_EQ(names(folder, {{folder.path()}, {}}), Names{"pipe.jpg"});
}

TEST(Inputs, PatternsAreExpandedWhereNoSuchFileExists) {
    const TemporaryFolder folder;
    for (const char* name : {"b1.jpg", "a1.jpg", "a2.png", "[a].jpg"}) folder.fill(name, "x");
    EXPECT_EQ(names(folder, {{(folder / "*1.jpg").string()}, {}}), (Names{"a1.jpg", "b1.jpg"}));
    EXPECT_EQ(names(folder, {{(folder / "a?.png").string()}, {}}), Names{"a2.png"});
    EXPECT_EQ(names(folder, {{(folder / "[a].jpg").string()}, {}}), Names{"[a].jpg"});
    EXPECT_EQ(names(folder, {{(folder / "*.webp").string()}, {}}), Names{"*.webp no_match"});
}

TEST(Inputs, TheOrderOfTheCommandLineIsKept) {
    const TemporaryFolder folder;
    const std::string b = folder.fill("b.jpg", "x"), a = folder.fill("a.jpg", "x");
    EXPECT_EQ(names(folder, {{b, "-", a}, {b}}), (Names{"b.jpg", "-", "a.jpg", "b.jpg"}));
}

TEST(Inputs, StdinIsNamedAtMostOnce) {
    EXPECT_THROW(list_inputs({{"-", "-"}, {}}), UsageError);
    EXPECT_TRUE(list_inputs({{"-"}, {}})[0].from_stdin());
}

TEST(Inputs, NamesFromAListAreTakenLiterally) {
    const TemporaryFolder folder;
    folder.fill("a1.jpg", "x");
    EXPECT_EQ(names(folder, {{}, {(folder / "*.jpg").string()}}), Names{"*.jpg"});
}

TEST(Inputs, ALinkToNowhereHasARowWhateverItsName) {
    const TemporaryFolder folder;
    folder.fill("a.jpg", "x");
    fs::create_symlink("/nowhere/at/all", folder / "holidays");
    fs::create_symlink("circle", folder / "circle");
    EXPECT_EQ(names(folder, {{folder.path()}, {}}), (Names{"a.jpg", "circle not_readable", "holidays not_found"}));
}

TEST(Inputs, LinksToFoldersAreNamed) {
    const TemporaryFolder folder;
    folder.fill("photos/a.jpg", "x");
    folder.fill("more/b.jpg", "x");
    fs::create_directory_symlink("../more", folder / "photos/link");
    std::vector<std::string> unfollowed;
    EXPECT_EQ(list_inputs({{folder / "photos"}, {}}, {}, &unfollowed).size(), 1u);
    EXPECT_EQ(unfollowed, Names{(folder / "photos/link").string()});
}

TEST(Inputs, WhatTheRunWritesItselfIsNoInputOfAWalk) {
    const TemporaryFolder folder;
    for (const char* name : {"a.jpg", "out/a.jpg", "out/deep/b.jpg", "rows.png", "z/c.jpg"}) folder.fill(name, "x");
    const FileIdentities own = {*identity_of(folder / "out"), *identity_of(folder / "rows.png")};
    const auto listed = [&](const std::string& word) {
        Names found;
        for (const Input& input : list_inputs({{word}, {}}, own)) found.push_back(input.name);
        return found;
    };
    const std::string root = folder.path().string();
    EXPECT_EQ(listed(root), (Names{root + "/a.jpg", root + "/z/c.jpg"}));
    EXPECT_EQ(listed(root + "/*"), (Names{root + "/a.jpg", root + "/z/c.jpg"}));
    EXPECT_EQ(listed(root + "/out/a.jpg"), Names{root + "/out/a.jpg"}) << "a file that was named stays";
    EXPECT_THROW(listed(root + "/out"), UsageError);
    EXPECT_THROW(listed(root + "/z/../out"), UsageError);
}

}  // namespace
}  // namespace affectsr::cli
