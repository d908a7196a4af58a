#include "affectsr/program/output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "affectsr/base/error.h"
#include "affectsr/base/log.h"

namespace affectsr::cli {

namespace fs = std::filesystem;

Output::Output() : descriptor_(STDOUT_FILENO), name_("stdout") {}

Output::Output(const fs::path& path, IfExists if_exists, const InputFiles& inputs)
    : descriptor_(-1), name_(path.string()), path_(path) {
    struct stat there = {};
    const bool exists = ::stat(path.c_str(), &there) == 0;
    const bool regular = !exists || S_ISREG(there.st_mode);
    if (exists && S_ISDIR(there.st_mode)) throw UsageError(name_ + " is a folder; name a file", "output_is_folder");
    inputs.refuse(path);
    if (exists && regular && if_exists == IfExists::refuse)
        throw UsageError(name_ + " exists; choose another file, --overwrite or --resume", "output_exists");
    if (!regular) {
        open(path, 0);
    } else if (if_exists == IfExists::append) {
        open(path, O_CREAT | O_APPEND);
    } else if (exists) {
        std::error_code ignored;  // a link keeps pointing to the file, which gets the new content
        path_ = fs::canonical(path, ignored).empty() ? path : fs::canonical(path, ignored);
        part_ = path_;
        part_ += ".part";
        inputs.refuse(part_);
        open(part_, O_CREAT | O_NOFOLLOW);
        if (::ftruncate(descriptor_, 0) != 0) fail(errno);  // only now that nobody else writes it
    } else {
        open(path, O_CREAT | O_EXCL);
    }
    if (!exists || !part_.empty()) made_ = part_.empty() ? path : part_;
}

void Output::open(const fs::path& opened, int how) {
    descriptor_ = ::open(opened.c_str(), O_WRONLY | O_CLOEXEC | how, 0666);
    if (descriptor_ < 0) {
        const int cause = errno;
        part_.clear();  // nothing was gathered in it
        fail(cause);
    }
    // Two runs that write one file would mix their rows. File systems without locks cannot tell.
    struct stat there = {};
    const bool regular = ::fstat(descriptor_, &there) == 0 && S_ISREG(there.st_mode);
    if (!regular || ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
    ::close(descriptor_);
    throw UsageError(opened.string() + " is being written by another run; wait for it or choose another file",
                     "output_in_use");
}

Output::~Output() {
    if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
    if (empty_ && !made_.empty())
        ::unlink(made_.c_str());
    else if (!part_.empty())
        log(LogLevel::warning, "what was finished is in " + part_.string() + "; the old " + name_ + " is untouched");
}

void Output::write(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor_, text.data(), text.size());
        if (written >= 0) {
            empty_ = false;
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EPIPE) {
            throw ReaderGone{};
        } else if (errno == EAGAIN) {  // a pipe that another program made non-blocking is full
            pollfd waiting = {descriptor_, POLLOUT, 0};
            static_cast<void>(::poll(&waiting, 1, -1));
        } else if (errno != EINTR) {
            fail(errno);
        }
    }
}

void Output::flush() {
    struct stat there = {};
    if (::fstat(descriptor_, &there) == 0 && S_ISREG(there.st_mode) && ::fsync(descriptor_) != 0) fail(errno);
}

void Output::finish() {
    empty_ = false;  // a finished output without rows is a result, too
    flush();
    if (part_.empty()) return;
    if (::rename(part_.c_str(), path_.c_str()) != 0) fail(errno);
    part_.clear();
}

void Output::stop() {
    flush();
}

void Output::fail(int cause) const {
    throw ResourceError("cannot_write", "cannot write " + name_ + ": " + std::strerror(cause));
}

void print(std::string_view text) {
    Output().write(text);
}

}  // namespace affectsr::cli
