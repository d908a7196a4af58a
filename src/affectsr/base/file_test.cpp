#include "affectsr/base/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

/// The code of the Error that `act` throws, "" if it throws none; `message`, if given, receives what it says.
std::string code_of(const std::function<void()>& act, std::string* message = nullptr) {
    try {
        act();
    } catch (const Error& error) {
        if (message != nullptr) *message = error.what();
        return error.code();
    }
    return "";
}

std::string content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t files_in(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(File, ReadsNoMoreThanTheLimit) {
    const TemporaryFolder folder;
    write_file_atomically(folder / "ten", std::string_view("0123456789"));
    EXPECT_EQ(read_bytes(folder / "ten", 10).size(), 10u);
    EXPECT_EQ(code_of([&] { read_bytes(folder / "ten", 9); }), "too_large");
    EXPECT_GT(read_bytes("/proc/self/status", 1 << 20).size(), 100u) << "files that say 0 bytes are read to their end";
    EXPECT_EQ(code_of([] { read_bytes("/proc/self/status", 10); }), "too_large");
}

TEST(File, ReplacesAFileWholeAndLeavesNothingBeside) {
    const TemporaryFolder folder;
    write_file_atomically(folder / "note.txt", std::string_view("old"));
    fs::permissions(folder / "note.txt", fs::perms(0640));
    write_file_atomically(folder / "note.txt", std::string_view("new"));
    EXPECT_EQ(content(folder / "note.txt"), "new");
    EXPECT_EQ(fs::status(folder / "note.txt").permissions(), fs::perms(0640)) << "its mode stays";
    EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(File, ANewFileGetsTheModeThatTheUserAsksFor) {
    const TemporaryFolder folder;
    const mode_t old_mask = ::umask(027);
    write_file_atomically(folder / "note.txt", std::string_view("text"));
    ::umask(old_mask);
    EXPECT_EQ(fs::status(folder / "note.txt").permissions(), fs::perms(0640));
}

TEST(File, WritesThroughASymbolicLink) {
    const TemporaryFolder folder;
    write_file_atomically(folder / "target", std::string_view("old"));
    fs::create_symlink("target", folder / "link");
    write_file_atomically(folder / "link", std::string_view("new"));
    EXPECT_TRUE(fs::is_symlink(folder / "link"));
    EXPECT_EQ(content(folder / "target"), "new");
}

TEST(File, AFullDiskLeavesTheOldFile) {
    const TemporaryFolder folder;
    write_file_atomically(folder / "note.txt", std::string_view("old"));
    // The limit on the size of a file stands for a full disk; its signal would end the program.
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit old_limit{};
    getrlimit(RLIMIT_FSIZE, &old_limit);
    const rlimit small{4096, old_limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    std::string message;
    const std::string code = code_of(
        [&] { write_file_atomically(folder / "note.txt", std::string_view(std::string(100'000, 'x'))); }, &message);
    setrlimit(RLIMIT_FSIZE, &old_limit);
    std::signal(SIGXFSZ, old_handler);
    EXPECT_EQ(code, "cannot_write");
    EXPECT_NE(message.find("note.txt"), std::string::npos) << message;
    EXPECT_EQ(content(folder / "note.txt"), "old");
    EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(File, AReaderNeverSeesAPartOfAFile) {
    const TemporaryFolder folder;
    const std::string a(50'000, 'a'), b(70'000, 'b');
    write_file_atomically(folder / "file", std::string_view(a));
    std::thread writer([&] {
        for (int round = 0; round < 20; ++round)
            write_file_atomically(folder / "file", std::string_view(round % 2 ? a : b));
    });
    for (int round = 0; round < 200; ++round) {
        const std::vector<std::uint8_t> seen = read_bytes(folder / "file", 1 << 20);
        const std::string text(seen.begin(), seen.end());
        EXPECT_TRUE(text == a || text == b) << text.size();
    }
    writer.join();
}

}  // namespace
}  // namespace affectsr
