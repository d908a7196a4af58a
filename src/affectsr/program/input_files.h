// The files that a run reads, so that it never writes onto one of them.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

namespace affectsr::cli {

/// What makes two names one file: links and other spellings of a path lead to the same device and inode.
struct FileIdentity {
    std::uint64_t device = 0, inode = 0;
    auto operator<=>(const FileIdentity&) const = default;
};

/// Of the file or folder that the path leads to; nothing if there is none or it cannot be looked at.
std::optional<FileIdentity> identity_of(const std::filesystem::path& path);

/// Files and folders told apart by what they are, not by their names.
using FileIdentities = std::set<FileIdentity>;

/// The files that nothing may be written onto, whatever the flags. Not thread-safe while files are added.
class InputFiles {
 public:
    /// Protects a regular file; anything else, also a name without a file, is left out. `what` completes "PATH is …"
    /// and must be a literal.
    void add(const std::filesystem::path& path, const char* what = "an input of this run");
    /// The same for the file that stdin was redirected from.
    void add_stdin();
    /// Throws UsageError (`output_is_input`) naming the path if it leads to one of the files.
    void refuse(const std::filesystem::path& output) const;

 private:
    std::map<FileIdentity, const char*> files_;
};

}  // namespace affectsr::cli
