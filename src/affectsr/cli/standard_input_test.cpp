#include "affectsr/cli/standard_input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "affectsr/base/error.h"

namespace affectsr::cli {
namespace {

struct Pipe {
    int ends[2] = {-1, -1};
    Pipe() { EXPECT_EQ(pipe(ends), 0); }
    ~Pipe() {
        for (const int end : ends) close(end);
    }
    void write_and_end(const std::string& text) {
        EXPECT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
        close(ends[1]);
        ends[1] = -1;
    }
};

TEST(StandardInput, AStreamIsReadToItsEnd) {
    Pipe pipe;
    pipe.write_and_end("picture");
    EXPECT_EQ(read_stream(pipe.ends[0], "pipe", 7, {}).size(), 7u);
}

TEST(StandardInput, ANonBlockingPipeIsReadAsWell) {
    Pipe pipe;
    ASSERT_EQ(fcntl(pipe.ends[0], F_SETFL, O_NONBLOCK), 0);
    pipe.write_and_end("picture");
    EXPECT_EQ(read_stream(pipe.ends[0], "pipe", 100, {}).size(), 7u);
}

TEST(StandardInput, MoreThanAllowedIsRefused) {
    Pipe pipe;
    pipe.write_and_end("picture");
    EXPECT_THROW(read_stream(pipe.ends[0], "pipe", 6, {}), InputError);
}

TEST(StandardInput, AStopIsHeardThoughNothingComes) {
    Pipe pipe;
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(read_stream(pipe.ends[0], "pipe", 100, stop.get_token()), Interrupted);
}

TEST(StandardInput, AStreamThatCannotBeReadIsAnInputError) {
    const int writable = open("/dev/null", O_WRONLY);
    EXPECT_THROW(read_stream(writable, "null", 100, {}), InputError);
    close(writable);
    EXPECT_THROW(read_stream(writable, "closed", 100, {}), InputError);
}

}  // namespace
}  // namespace affectsr::cli
