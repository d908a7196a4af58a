// New files that go again unless they are kept.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "affectsr/program/input_files.h"

namespace affectsr::cli {

/// New files that are removed again by the destructor unless they are kept: without its row nobody knows a picture, and
/// it would stand in the way of --resume.
class NewFiles {
 public:
    NewFiles() = default;
    ~NewFiles();
    NewFiles(const NewFiles&) = delete;
    NewFiles& operator=(const NewFiles&) = delete;
    void add(const std::filesystem::path& file) { files_.push_back(file); }
    void keep() { files_.clear(); }
    /// Writes a file by atomic rename and adds it if it was not there. Throws UsageError (`output_is_input`) for one of
    /// `inputs`, ResourceError (`cannot_write`).
    void write(const std::filesystem::path& file, std::span<const std::uint8_t> bytes, const InputFiles& inputs);

 private:
    std::vector<std::filesystem::path> files_;
};

/// Makes a folder for outputs and those above it; empty: nothing. Throws ResourceError (`cannot_write`).
void make_folder(const std::filesystem::path& folder);

}  // namespace affectsr::cli
