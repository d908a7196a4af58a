#include "affectsr/cli/new_files.h"

#include <system_error>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"

namespace affectsr::cli {

NewFiles::~NewFiles() {
    std::error_code ignored;  // it is tidied up after an error that is told
    for (const std::filesystem::path& file : files_) std::filesystem::remove(file, ignored);
}

void NewFiles::write(const std::filesystem::path& file, std::span<const std::uint8_t> bytes, const InputFiles& inputs) {
    inputs.refuse(file);  // once more: names may have changed since the run began
    const bool is_new = !identity_of(file);
    write_file_atomically(file, bytes);
    if (is_new) add(file);
}

void make_folder(const std::filesystem::path& folder) {
    if (folder.empty()) return;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        throw ResourceError("cannot_write", "cannot make the folder " + folder.string() + ": " + error.message());
}

}  // namespace affectsr::cli
