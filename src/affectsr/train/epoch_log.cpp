#include "affectsr/train/epoch_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/base/file_descriptor.h"
#include "affectsr/base/log.h"

namespace affectsr {

namespace {

namespace fs = std::filesystem;

bool write_all(int descriptor, const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t written = ::write(descriptor, text.data() + done, text.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        done += static_cast<std::size_t>(written);
    }
    return ::fsync(descriptor) == 0 || errno == EINVAL;  // a pipe has nothing to flush
}

}  // namespace

void EpochLog::refuse(const std::string& why) const {
    throw ResourceError("cannot_write", path_.string() + ": the training log cannot be written: " + why);
}

void EpochLog::begin() {
    bytes_ = 0;
    std::error_code failure;
    if (!fs::is_regular_file(path_, failure)) return;
    const fs::path stem = path_.parent_path() / path_.stem();
    fs::path kept;
    for (int number = 1; kept.empty() || fs::exists(kept, failure); ++number)
        kept = stem.string() + "." + std::to_string(number) + path_.extension().string();
    fs::rename(path_, kept, failure);
    if (failure) refuse(failure.message());
    log(LogLevel::warning, path_.string() + ": is the log of an earlier run, kept as " + kept.string());
}

void EpochLog::go_on(std::int64_t bytes) {
    bytes_ = bytes;
    std::error_code failure;
    if (fs::is_other(path_, failure)) return;  // somebody listens at a pipe: nothing can be taken back
    const std::uintmax_t there = fs::exists(path_, failure) ? fs::file_size(path_, failure) : 0;
    if (failure) refuse(failure.message());
    if (std::cmp_less(there, bytes)) {
        bytes_ = static_cast<std::int64_t>(there);
        log(LogLevel::warning,
            path_.string() + ": is shorter than the checkpoint says; earlier epochs are missing in it");
    } else if (std::cmp_greater(there, bytes)) {
        fs::resize_file(path_, static_cast<std::uintmax_t>(bytes), failure);
        if (failure) refuse(failure.message());
    }
}

void EpochLog::add(const Json& line) {
    const std::string text = line.dump() + "\n";
    const FileDescriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
    if (file.number() < 0) refuse(std::strerror(errno));
    if (!write_all(file.number(), text)) {
        const int reason = errno;
        static_cast<void>(::ftruncate(file.number(), static_cast<off_t>(bytes_)));
        refuse(std::strerror(reason));
    }
    bytes_ += static_cast<std::int64_t>(text.size());
}

}  // namespace affectsr
