#include "affectsr/program/open_streams.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "affectsr/base/temporary_folder.h"

namespace affectsr::cli {
namespace {

/// In a process of its own: closes the streams of `closed`, has them opened and opens a file, whose number it exits
/// with; 100 if a read of stdin or a write to stdout did anything but fail where the caller closed it.
[[noreturn]] void open_a_file_without(const std::vector<int>& closed, const std::filesystem::path& file) {
    for (const int stream : closed) ::close(stream);
    open_closed_streams();
    const int number = ::open(file.c_str(), O_RDWR);
    char byte = 'x';
    for (const int stream : closed) {
        if (stream == STDIN_FILENO && (::read(stream, &byte, 1) != -1 || errno != EBADF)) std::_Exit(100);
        if (stream == STDOUT_FILENO && (::write(stream, &byte, 1) != -1 || errno != EBADF)) std::_Exit(100);
        if (stream == STDERR_FILENO && ::write(stream, &byte, 1) != 1) std::_Exit(100);
    }
    std::_Exit(number);
}

TEST(OpenStreams, NoFileGetsTheNumberOfAClosedStream) {
    const TemporaryFolder folder;
    const std::filesystem::path file = folder.fill("answer", "untouched");
    const auto numbers_a_file = [](int status) {
        return WIFEXITED(status) && WEXITSTATUS(status) > STDERR_FILENO && WEXITSTATUS(status) < 100;
    };
    for (const std::vector<int>& closed : std::vector<std::vector<int>>{{}, {0}, {1}, {2}, {0, 1}, {1, 2}, {0, 1, 2}})
        EXPECT_EXIT(open_a_file_without(closed, file), numbers_a_file, "");
    EXPECT_EQ(content_of(file), "untouched");
}

}  // namespace
}  // namespace affectsr::cli
