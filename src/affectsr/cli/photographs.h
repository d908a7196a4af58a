// One input → its row, and the pictures that were asked for.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "affectsr/cli/inputs.h"
#include "affectsr/cli/new_files.h"
#include "affectsr/cli/rows.h"
#include "affectsr/image/reconstruction.h"
#include "affectsr/pipeline/pipeline.h"
#include "affectsr/program/input_files.h"

namespace affectsr::cli {

/// Where the pictures of a run go; empty: nowhere.
struct PictureFolders {
    std::filesystem::path pictures, strips;
};

/// A row, and the files that were made for it and are to be kept once it is written.
struct AnsweredInput {
    Row row;
    std::shared_ptr<NewFiles> files;
};

/// Answers inputs one by one. answer() may be called from several threads at once.
class Photographs {
 public:
    /// `pipeline` must outlive it. `made_by`: the mark of pictures that show restored faces, without its faces. Makes
    /// the folders; throws ResourceError (`cannot_write`) where it cannot. None of `inputs` is ever written onto.
    Photographs(const Pipeline& pipeline, PictureFolders folders, Reconstruction made_by, InputFiles inputs = {});

    /// The row of one input; `stem` names its pictures. Throws as answer_or_fail(), and UsageError (`output_is_input`).
    AnsweredInput answer(const Input& input, const std::string& stem, std::stop_token stop);

    /// Set once a row failed for a fault of the program itself.
    const std::atomic<bool>& internal_error() const { return internal_error_; }

 private:
    AnsweredInput answer_photo(const Input& input, const std::string& stem, std::stop_token stop);
    void write_pictures(const Image& photo, const Answer& answer, const std::string& stem, AnsweredInput& answered);
    PictureNotes mark_of(std::span<const Answer::Seen> shown) const;

    const Pipeline& pipeline_;
    PictureFolders folders_;
    Reconstruction made_by_;
    InputFiles inputs_;
    std::mutex large_photo_;
    std::atomic<bool> internal_error_ = false;
};

/// The files in `folders` that pictures and strips of these stems would replace, in the order of their names. Throws
/// ResourceError (`cannot_write`) for a folder that cannot be looked into.
std::vector<std::filesystem::path> existing_files(const PictureFolders& folders, const std::vector<std::string>& stems);

/// The stem that a picture (STEM.jpg) or a strip (STEM.faceN.png) is named after; empty if it is neither.
std::string stem_of(const std::string& file);

}  // namespace affectsr::cli
