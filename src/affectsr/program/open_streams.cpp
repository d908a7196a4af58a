#include "affectsr/program/open_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace affectsr::cli {

void open_closed_streams() {
    const int ways[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
        if (::fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
        // The kernel gives the lowest free number, which is this one. A folder can be neither read nor written as a
        // stream either, and is there where /dev is not.
        if (::open("/dev/null", ways[stream]) < 0) static_cast<void>(::open("/", O_RDONLY));
    }
}

}  // namespace affectsr::cli
