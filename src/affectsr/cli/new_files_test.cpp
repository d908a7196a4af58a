#include "affectsr/cli/new_files.h"

#include <gtest/gtest.h>

#include <string_view>

#include "affectsr/base/test_folder.h"

namespace affectsr::cli {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(NewFiles, GoUnlessTheyAreKept) {
    const TestFolder folder;
    {
        NewFiles files;
        files.write(folder / "kept", bytes_of("a"), {});
        files.keep();
        files.write(folder / "lost", bytes_of("b"), {});
    }
    EXPECT_EQ(content_of(folder / "kept"), "a");
    EXPECT_FALSE(std::filesystem::exists(folder / "lost"));
}

TEST(NewFiles, AFileThatWasThereBeforeStays) {
    const TestFolder folder;
    folder.fill("picture", "old");
    {
        NewFiles files;
        files.write(folder / "picture", bytes_of("new"), {});
    }
    EXPECT_EQ(content_of(folder / "picture"), "new") << "it may be all that its owner has";
}

TEST(NewFiles, NeverWriteOntoAnInput) {
    const TestFolder folder;
    InputFiles inputs;
    inputs.add(folder.fill("photo", "precious"));
    std::filesystem::create_symlink("photo", folder / "link");
    std::filesystem::create_hard_link(folder / "photo", folder / "twin");
    for (const std::string name : {"photo", "link", "twin"}) {
        NewFiles files;
        const std::string why = refusal([&] { files.write(folder / name, bytes_of("x"), inputs); });
        EXPECT_NE(why.find("output_is_input"), std::string::npos) << why;
    }
    EXPECT_EQ(content_of(folder / "photo"), "precious");
}

TEST(NewFiles, WhatCannotBeWrittenLeavesNothingBehind) {
    const TestFolder folder;
    const std::string why = refusal([&] { NewFiles().write(folder / "no" / "such", bytes_of("x"), {}); });
    EXPECT_EQ(why.find("cannot_write: "), 0u) << why;
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(NewFiles, FoldersAreMadeWithThoseAboveThem) {
    const TestFolder folder;
    make_folder("");
    make_folder(folder.path() / "a" / "b");
    make_folder(folder.path() / "a" / "b");
    EXPECT_TRUE(std::filesystem::is_directory(folder.path() / "a" / "b"));
    folder.fill("file", "");
    const std::string why = refusal([&] { make_folder(folder.path() / "file" / "below"); });
    EXPECT_EQ(why.find("cannot_write: cannot make the folder "), 0u) << why;
}

}  // namespace
}  // namespace affectsr::cli
