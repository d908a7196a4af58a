// One input → its row, and the pictures that were asked for.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <stop_token>
#include <string>

#include "affectsr/cli/inputs.h"
#include "affectsr/cli/rows.h"
#include "affectsr/image/codec.h"
#include "affectsr/pipeline/pipeline.h"

namespace affectsr::cli {

/// Where the pictures of a run go; empty: nowhere.
struct PictureFolders {
    std::filesystem::path pictures, strips;
};

/// Answers inputs one by one. answer() may be called from several threads at once.
class Photographs {
 public:
    /// `pipeline` must outlive it. Makes the folders; throws ResourceError (`cannot_write`) where it cannot.
    Photographs(const Pipeline& pipeline, PictureFolders folders);

    /// The row of one input; `stem` names its pictures. A picture that cannot be read or used gives a failed row, and
    /// so does a broken promise inside the code, which is remembered. Throws ResourceError and ModelError, which end a
    /// run, and Interrupted if a stop was asked for while stdin had not ended.
    Row answer(const Input& input, const std::string& stem, std::stop_token stop);

    struct Interrupted {};
    /// Whether a row failed for a fault of the program itself.
    bool had_internal_error() const { return internal_error_; }

 private:
    Row answer_photo(const Input& input, const std::string& stem, std::stop_token stop);
    void write_pictures(const Image& photo, const Answer& answer, const std::string& stem) const;

    const Pipeline& pipeline_;
    PictureFolders folders_;
    std::mutex large_photo_;
    std::atomic<bool> internal_error_ = false;
};

/// The picture files that an input called `stem` may leave in `folders`: those known before its faces are.
std::vector<std::filesystem::path> files_of(const PictureFolders& folders, const std::string& stem);

/// Everything on stdin, at most `most_bytes`. Throws InputError (`too_large`, `not_readable`), Interrupted.
std::vector<std::uint8_t> read_stdin(std::int64_t most_bytes, std::stop_token stop);

}  // namespace affectsr::cli
