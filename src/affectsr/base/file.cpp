#include "affectsr/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/base/file_descriptor.h"

namespace affectsr {
namespace {

std::string reason(int error) {
    return std::generic_category().message(error);
}

[[noreturn]] void refuse_to_read(const std::string& name, int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
        case ENAMETOOLONG:
            throw InputError("not_found", name + ": " + reason(error));
        case ENXIO:
            throw InputError("not_a_file", name + ": is not a regular file");
        case EMFILE:
        case ENFILE:
        case ENOMEM:
            throw ResourceError("out_of_descriptors", name + ": cannot be opened: " + reason(error));
        default:
            throw InputError("not_readable", name + ": cannot be read: " + reason(error));
    }
}

void expect_regular(const std::string& name, const struct stat& status) {
    if (S_ISREG(status.st_mode)) return;
    const char* what = S_ISDIR(status.st_mode)    ? "a folder"
                       : S_ISFIFO(status.st_mode) ? "a pipe"
                                                  : "a device or socket";
    throw InputError("not_a_file", name + ": is " + what + ", not a regular file");
}

[[noreturn]] void refuse_size(const std::string& name, std::int64_t most_bytes) {
    throw InputError("too_large",
                     name + ": has more than the " + std::to_string(most_bytes) + " bytes that are allowed");
}

[[noreturn]] void refuse_to_write(const std::filesystem::path& path, const std::string& why) {
    throw ResourceError("cannot_write", path.string() + ": cannot be written: " + why);
}

/// A file that has no name of its own yet; it disappears unless it was renamed.
class TemporaryFile {
 public:
    /// In the folder of `path`. Its own short name leaves room for a `path` of 255 bytes.
    explicit TemporaryFile(const std::filesystem::path& path) : wanted_(path), descriptor_(-1) {
        static std::atomic<unsigned> count{0};
        int number = -1;
        do {
            const std::string name = ".affectsr-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".tmp";
            name_ = path.parent_path() / name;
            // Not mkstemp: the file keeps this mode, and the umask is the user's.
            number = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        } while (number < 0 && errno == EEXIST);
        if (number < 0) refuse_to_write(wanted_, reason(errno));
        descriptor_ = number;
    }
    ~TemporaryFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
        if (!name_.empty()) ::unlink(name_.c_str());
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    void write(std::span<const std::uint8_t> bytes) {
        while (!bytes.empty()) {
            const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) refuse_to_write(wanted_, reason(errno));
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
    }
    void keep_mode_of(const struct stat& old) {
        if (::fchmod(descriptor_, old.st_mode & 07777) != 0) refuse_to_write(wanted_, reason(errno));
    }
    void rename_to_wanted() {
        if (::fsync(descriptor_) != 0) refuse_to_write(wanted_, reason(errno));
        if (::close(std::exchange(descriptor_, -1)) != 0) refuse_to_write(wanted_, reason(errno));
        if (::rename(name_.c_str(), wanted_.c_str()) != 0) refuse_to_write(wanted_, reason(errno));
        name_.clear();
    }

 private:
    std::filesystem::path wanted_, name_;
    int descriptor_;
};

}  // namespace

std::vector<std::uint8_t> read_bytes(const std::filesystem::path& path, std::int64_t most_bytes) {
    const std::string name = path.string();
    struct stat status {};
    // Asked before opening, because opening a device can act on it; and after, because the name can change in between.
    if (::stat(path.c_str(), &status) != 0) refuse_to_read(name, errno);
    expect_regular(name, status);
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (file.number() < 0 || ::fstat(file.number(), &status) != 0) refuse_to_read(name, errno);
    expect_regular(name, status);
    if (status.st_size > most_bytes) refuse_size(name, most_bytes);

    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size) + 1);  // one more byte shows the end
    std::size_t filled = 0;
    while (true) {
        if (filled == bytes.size()) bytes.resize(bytes.size() * 2);  // it grows, or it is in /proc and says 0
        const ssize_t count = ::read(file.number(), bytes.data() + filled, bytes.size() - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) refuse_to_read(name, errno);
        if (count == 0) break;
        filled += static_cast<std::size_t>(count);
        if (std::cmp_greater(filled, most_bytes)) refuse_size(name, most_bytes);
    }
    bytes.resize(filled);
    return bytes;
}

void write_file_atomically(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
    std::error_code error;
    // Renaming over a symbolic link would replace the link, so the file behind it is meant.
    std::filesystem::path target = std::filesystem::canonical(path, error);
    if (error) target = path;
    struct stat old {};
    const bool exists = ::stat(target.c_str(), &old) == 0;
    if (exists && !S_ISREG(old.st_mode)) refuse_to_write(path, "it is not a regular file");

    TemporaryFile file(target);
    file.write(bytes);
    if (exists) file.keep_mode_of(old);
    file.rename_to_wanted();
    flush_folder_of(target);
}

void write_file_atomically(const std::filesystem::path& path, std::string_view text) {
    write_file_atomically(path, std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

void flush_folder_of(const std::filesystem::path& file) {
    const std::filesystem::path folder = file.parent_path();
    const FileDescriptor opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.number() >= 0) static_cast<void>(::fsync(opened.number()));
}

}  // namespace affectsr
