#include "affectsr/cli/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "affectsr/base/error.h"

namespace affectsr::cli {

namespace fs = std::filesystem;

Output::Output() : descriptor_(STDOUT_FILENO), name_("stdout") {}

Output::Output(const fs::path& path, IfExists if_exists) : descriptor_(-1), name_(path.string()), path_(path) {
    struct stat there = {};
    const bool exists = ::stat(path.c_str(), &there) == 0;
    const bool regular = !exists || S_ISREG(there.st_mode);
    if (exists && S_ISDIR(there.st_mode)) throw UsageError(name_ + " is a folder; name a file", "output_is_folder");
    if (exists && regular && if_exists == IfExists::refuse)
        throw UsageError(name_ + " exists; choose another file, --overwrite or --resume", "output_exists");
    int how = O_WRONLY | O_CLOEXEC;
    fs::path opened = path;
    if (regular && if_exists == IfExists::append) {
        how |= O_CREAT | O_APPEND;
    } else if (exists && regular) {
        std::error_code ignored;  // a link keeps pointing to the file, which gets the new content
        path_ = fs::canonical(path, ignored).empty() ? path : fs::canonical(path, ignored);
        part_ = path_;
        part_ += ".part";
        opened = part_;
        how |= O_CREAT | O_TRUNC | O_NOFOLLOW;
    } else if (regular) {
        how |= O_CREAT | O_EXCL;
    }
    descriptor_ = ::open(opened.c_str(), how, 0666);
    if (descriptor_ < 0) fail(errno);
    if (!exists || !part_.empty()) made_ = opened;
}

Output::~Output() {
    if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
    if (empty_ && !made_.empty()) ::unlink(made_.c_str());
}

void Output::write(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor_, text.data(), text.size());
        if (written >= 0) {
            empty_ = false;
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EPIPE) {
            throw ReaderGone{};
        } else if (errno != EINTR) {
            fail(errno);
        }
    }
}

void Output::finish() {
    empty_ = false;  // a finished output without rows is a result, too
    struct stat there = {};
    if (::fstat(descriptor_, &there) == 0 && S_ISREG(there.st_mode) && ::fsync(descriptor_) != 0) fail(errno);
    if (part_.empty()) return;
    if (::rename(part_.c_str(), path_.c_str()) != 0) fail(errno);
    part_.clear();
}

void Output::fail(int cause) const {
    std::string message = "cannot write " + name_ + ": " + std::strerror(cause);
    if (!part_.empty()) message += "; what was finished is in " + part_.string() + ", the old file is untouched";
    throw ResourceError("cannot_write", message);
}

void print(std::string_view text) {
    Output().write(text);
}

}  // namespace affectsr::cli
