#include "affectsr/program/machine.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace affectsr::cli {
namespace {

TEST(Machine, TheCLibraryIsLoaded) {
    const std::string file = library_file("c");
    EXPECT_TRUE(std::filesystem::exists(file)) << file;
    EXPECT_NE(file.find("libc.so"), std::string::npos) << file;
}

TEST(Machine, AnUnknownLibraryIsNotLoaded) {
    EXPECT_EQ(library_file("no_such_library"), "");
}

TEST(Machine, EveryLibraryIsListedOnce) {
    const std::vector<LoadedLibrary> libraries = loaded_libraries();
    for (std::size_t i = 1; i < libraries.size(); ++i) EXPECT_NE(libraries[i - 1].file, libraries[i].file);
}

TEST(Machine, VersionsComeFromFileNames) {
    EXPECT_EQ(version_in("/usr/lib/libopencv_core.so.4.6.0"), "4.6.0");
    EXPECT_EQ(version_in("/usr/lib/libtorch.so"), "");
}

TEST(Machine, ThereIsAProcessorWithACore) {
    EXPECT_GE(usable_cores(), 1);
    EXPECT_FALSE(cpu_name().empty());
}

}  // namespace
}  // namespace affectsr::cli
