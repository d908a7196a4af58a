#include "affectsr/weights/mapped_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstring>
#include <string>

#include "affectsr/base/test_folder.h"

namespace affectsr {
namespace {

std::string text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Why a file cannot be mapped; empty if it can.
std::string refusal_of(const std::filesystem::path& path) {
    return refusal([&] { MappedFile::open(path); });
}

TEST(MappedFile, HoldsTheBytesOfTheFile) {
    const TestFolder folder;
    EXPECT_EQ(text_of(MappedFile::open(folder.fill("weights", "0123456789")).bytes()), "0123456789");
    EXPECT_TRUE(MappedFile::open(folder.fill("empty", "")).bytes().empty());
}

TEST(MappedFile, APartKeepsThePagesWhenFileAndMappingAreGone) {
    const TestFolder folder;
    std::shared_ptr<const std::byte> part;
    {
        const MappedFile mapped = MappedFile::open(folder.fill("weights", "0123456789"));
        part = mapped.part(7);
    }
    std::filesystem::remove(folder / "weights");
    EXPECT_EQ(std::memcmp(part.get(), "789", 3), 0);
}

TEST(MappedFile, AFileReplacedByRenamingLeavesTheOldBytes) {
    const TestFolder folder;
    const MappedFile mapped = MappedFile::open(folder.fill("weights", "old"));
    std::filesystem::rename(folder.fill("next", "new!"), folder / "weights");
    EXPECT_EQ(text_of(mapped.bytes()), "old");
    EXPECT_EQ(text_of(MappedFile::open(folder / "weights").bytes()), "new!");
}

TEST(MappedFile, SaysWhichFileItCannotRead) {
    const TestFolder folder;
    folder.fill("file", "x");
    for (const std::string missing : {"nothing", "file/below"}) {
        const std::string why = refusal_of(folder / missing);
        EXPECT_EQ(why.find("no_such_model: " + (folder / missing).string()), 0u) << why;
    }
    EXPECT_EQ(refusal_of(folder.path()).find("model_not_readable: "), 0u) << refusal_of(folder.path());
}

TEST(MappedFile, DoesNotWaitForTheOtherEndOfAFifo) {
    const TestFolder folder;
    ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
    const std::string why = refusal_of(folder / "fifo");
    EXPECT_NE(why.find("not a regular file"), std::string::npos) << why;
}

TEST(MappedFile, TellsAFileThatMayNotBeReadFromAMissingOne) {
    const TestFolder folder;
    folder.fill("secret", "x");
    folder.permit("secret", 0);
    const AsNobody nobody;
    EXPECT_EQ(refusal_of(folder / "secret").find("model_not_readable: "), 0u) << refusal_of(folder / "secret");
}

TEST(MappedFile, TellsWhenThereAreNoDescriptorsLeft) {
    const TestFolder folder;
    const std::filesystem::path file = folder.fill("weights", "x");
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    const rlimit none{0, limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const std::string why = refusal_of(file);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(why.find("out_of_descriptors: "), 0u) << why;
}

}  // namespace
}  // namespace affectsr
