// One input of `enhance` → its picture, marked as a reconstruction, and its row.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/cli/enhanced_rows.h"
#include "affectsr/cli/inputs.h"
#include "affectsr/cli/new_files.h"
#include "affectsr/image/reconstruction.h"
#include "affectsr/pipeline/enhancer.h"

namespace affectsr::cli {

/// How the pictures of `enhance` are written.
struct PictureOptions {
    std::filesystem::path folder;
    std::string format = "as_input";
    int quality = 95;
    std::string keep_exif = "none";
    void fields(auto&& f) {
        f("output", folder, "folder for the pictures");
        f("format", format, "format of the pictures; as_input: each as its photo",
          OneOf{{"as_input", "png", "jpeg", "webp"}});
        f("quality", quality, "of written JPEG and WebP; WebP at 100 is lossless", Range{1, 100});
        f("keep_exif", keep_exif,
          "what of a photo's EXIF data its picture keeps: none, without_place (no GPS) or all; never previews and "
          "maker's notes; pictures always stand upright",
          OneOf{{"none", "without_place", "all"}});
    }
};

/// A row, and the files that were made for it and are to be kept once it is written.
struct EnhancedInput {
    EnhancedRow row;
    std::shared_ptr<NewFiles> files;
};

/// Enhances inputs one by one. answer() may be called from several threads at once.
class Enhancements {
 public:
    /// `enhancer` must outlive it. `made_by`: the mark without its faces. Makes the folder; throws ResourceError
    /// (`cannot_write`) where it cannot. None of `inputs` is ever written onto.
    Enhancements(const Enhancer& enhancer, PictureOptions options, Reconstruction made_by, InputFiles inputs = {});

    /// The row of one input, after its picture FOLDER/STEM.ENDING was written; throws as answer_or_fail().
    EnhancedInput answer(const Input& input, const std::string& stem, std::stop_token stop);

    /// Set once a row failed for a fault of the program itself.
    const std::atomic<bool>& internal_error() const { return internal_error_; }

 private:
    EnhancedInput enhance(const Input& input, const std::string& stem, std::stop_token stop);
    EnhancedRow empty_row(const std::string& input) const;
    std::vector<std::uint8_t> encoded(const Image& picture, PictureFormat format, const PictureNotes& notes) const;

    const Enhancer& enhancer_;
    PictureOptions options_;
    Reconstruction made_by_;
    InputFiles inputs_;
    std::mutex large_picture_;
    std::atomic<bool> internal_error_ = false;
};

/// The files in `options.folder` that pictures of these stems would replace, in order.
std::vector<std::filesystem::path> existing_pictures(const PictureOptions& options,
                                                     const std::vector<std::string>& stems);

}  // namespace affectsr::cli
