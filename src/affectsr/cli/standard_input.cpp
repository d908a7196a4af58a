#include "affectsr/cli/standard_input.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "affectsr/base/error.h"

namespace affectsr::cli {

std::vector<std::uint8_t> read_stream(int descriptor, const std::string& name, std::int64_t most_bytes,
                                      std::stop_token stop) {
    std::vector<std::uint8_t> bytes;
    std::vector<std::uint8_t> block(1 << 16);
    for (;;) {
        pollfd waiting = {descriptor, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, 100);  // milliseconds: how soon a stop is noticed
        if (stop.stop_requested()) throw Interrupted{};
        if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
        const ssize_t n = ::read(descriptor, block.data(), block.size());
        if (n == 0) return bytes;
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;  // EAGAIN: a pipe that others made non-blocking
        if (n < 0) throw InputError("not_readable", name + ": cannot be read: " + std::strerror(errno));
        if (std::cmp_greater(bytes.size() + static_cast<std::size_t>(n), most_bytes))
            throw InputError("too_large", name + ": more than " + std::to_string(most_bytes) + " bytes");
        bytes.insert(bytes.end(), block.begin(), block.begin() + n);
    }
}

std::vector<std::uint8_t> read_stdin(std::int64_t most_bytes, std::stop_token stop) {
    return read_stream(STDIN_FILENO, "stdin", most_bytes, std::move(stop));
}

}  // namespace affectsr::cli
