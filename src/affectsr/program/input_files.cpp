#include "affectsr/program/input_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include "affectsr/base/error.h"

namespace affectsr::cli {

namespace {

FileIdentity identity(const struct stat& status) {
    return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)};
}

}  // namespace

std::optional<FileIdentity> identity_of(const std::filesystem::path& path) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return identity(status);
}

void InputFiles::add(const std::filesystem::path& path, const char* what) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) files_.try_emplace(identity(status), what);
}

void InputFiles::add_stdin() {
    struct stat status = {};
    if (::fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode))
        files_.try_emplace(identity(status), "the file on stdin");
}

void InputFiles::refuse(const std::filesystem::path& output) const {
    const std::optional<FileIdentity> there = identity_of(output);
    if (!there) return;
    const auto found = files_.find(*there);
    if (found == files_.end()) return;
    throw UsageError(output.string() + " is " + found->second + " and would be replaced; choose another output",
                     "output_is_input");
}

}  // namespace affectsr::cli
