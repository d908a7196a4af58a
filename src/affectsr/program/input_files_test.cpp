#include "affectsr/program/input_files.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"

namespace affectsr::cli {
namespace {

namespace fs = std::filesystem;

TEST(InputFiles, AFileIsRefusedByEveryNameThatLeadsToIt) {
    const TemporaryFolder folder;
    const fs::path photo = folder.fill("in/photo.jpg", "x");
    InputFiles files;
    files.add(photo);
    fs::create_symlink("photo.jpg", folder / "in/link.jpg");
    fs::create_hard_link(photo, folder / "in/hard.jpg");
    fs::create_directory_symlink("in", folder / "out");
    for (const char* name : {"in/photo.jpg", "in/link.jpg", "in/hard.jpg", "out/photo.jpg", "in/../in/photo.jpg"})
        EXPECT_THROW(files.refuse(folder / name), UsageError) << name;
    EXPECT_NO_THROW(files.refuse(folder.fill("in/other.jpg", "x")));
    EXPECT_NO_THROW(files.refuse(folder / "in/not_there.jpg"));
}

TEST(InputFiles, TheMessageNamesTheOutputAndWhatItIs) {
    const TemporaryFolder folder;
    InputFiles files;
    files.add(folder.fill("list", "x"), "the list of inputs");
    try {
        files.refuse(folder / "list");
        FAIL() << "allowed";
    } catch (const UsageError& error) {
        EXPECT_EQ(error.code(), "output_is_input");
        EXPECT_NE(std::string(error.what()).find("list is the list of inputs"), std::string::npos) << error.what();
    }
}

TEST(InputFiles, WhatIsNoRegularFileIsNotProtected) {
    const TemporaryFolder folder;
    InputFiles files;
    files.add("/dev/null");
    files.add(folder.path());
    files.add(folder / "gone");
    EXPECT_NO_THROW(files.refuse("/dev/null"));
    EXPECT_NO_THROW(files.refuse(folder.path()));
}

}  // namespace
}  // namespace affectsr::cli
