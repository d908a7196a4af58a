// A folder of its own for a test, gone with it.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "affectsr/base/error.h"

namespace affectsr {

/// Made with the object, removed with everything in it by the destructor.
class TemporaryFolder {
 public:
    /// Throws ResourceError if the system's folder for temporary files cannot be written.
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "affectsr_XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw ResourceError("cannot_write", pattern + ": no temporary folder can be made");
        path_ = pattern;
    }
    ~TemporaryFolder() {
        std::error_code ignored;  // what stays behind stays in the system's folder for temporary files
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    /// Writes a file, with the folders on the way to it, and gives its path.
    std::filesystem::path fill(const std::string& name, const std::string& content) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << content;
        return path_ / name;
    }

 private:
    std::filesystem::path path_;
};

/// The bytes of a file; empty if there is none.
inline std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace affectsr
