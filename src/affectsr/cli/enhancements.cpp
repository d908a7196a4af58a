#include "affectsr/cli/enhancements.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "affectsr/cli/answering.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/kept_exif.h"
#include "affectsr/image/notes.h"
#include "affectsr/pipeline/stopwatch.h"

namespace affectsr::cli {

namespace {

// Pictures above this size take turns, so that a folder of them needs the memory of one and not of one per thread.
constexpr std::int64_t kLargePicturePx = 8'000'000;

std::optional<PictureFormat> format_of(const std::string& word) {
    if (word == "jpeg") return PictureFormat::jpeg;
    if (word == "png") return PictureFormat::png;
    if (word == "webp") return PictureFormat::webp;
    return std::nullopt;
}

/// Whether a profile speaks of red, green and blue; one of inks or greys does not fit the pixels that are written.
bool is_rgb(const std::vector<std::uint8_t>& profile) {
    constexpr std::size_t kColourSpaceAt = 16;  // ICC.1:2022, 7.2.6
    constexpr std::string_view kRgb = "RGB ";
    return profile.size() > kColourSpaceAt + kRgb.size() &&
           std::equal(kRgb.begin(), kRgb.end(), profile.begin() + kColourSpaceAt);
}

void expect_writable(ImageSize size, PictureFormat format) {
    const int most = most_side_px(format);
    if (std::max(size.width, size.height) <= most) return;
    throw InputError("too_large", "the picture would have " + std::to_string(size.width) + "×" +
                                      std::to_string(size.height) + " px, its format (" +
                                      std::string(ending_of(format)).substr(1) + ") has sides of " +
                                      std::to_string(most) + " px at most; choose --format png or --keep-size");
}

}  // namespace

Enhancements::Enhancements(const Enhancer& enhancer, PictureOptions options, Reconstruction made_by, InputFiles inputs)
    : enhancer_(enhancer), options_(std::move(options)), made_by_(std::move(made_by)), inputs_(std::move(inputs)) {
    make_folder(options_.folder);
}

EnhancedRow Enhancements::empty_row(const std::string& input) const {
    EnhancedRow row;
    row.input = input;
    row.restorer = made_by_.restorer;
    row.model_sha256 = made_by_.model_sha256;
    row.scale = enhancer_.options().scale;
    row.enlarged = enhancer_.options().keep_size ? 1 : row.scale;
    return row;
}

EnhancedInput Enhancements::answer(const Input& input, const std::string& stem, std::stop_token stop) {
    const auto failed = [&](const std::string& code, const std::string& message) {
        EnhancedRow row = empty_row(input.name);
        row.error_code = code;
        row.error_message = message;
        return EnhancedInput{std::move(row), std::make_shared<NewFiles>()};
    };
    return answer_or_fail(
        input, [&] { return enhance(input, stem, std::move(stop)); }, failed, internal_error_);
}

EnhancedInput Enhancements::enhance(const Input& input, const std::string& stem, std::stop_token stop) {
    EnhancedInput answered{empty_row(input.name), std::make_shared<NewFiles>()};
    EnhancedRow& row = answered.row;
    std::vector<std::uint8_t> bytes;
    const Image photo = timed(row.read_ms, [&] {
        bytes = read_input(input, std::move(stop));
        return decode_image(bytes, input.from_stdin() ? "stdin" : input.path.string());
    });
    row.photo = photo.size();
    const PictureFormat format = format_of(options_.format).value_or(picture_format(bytes).value());
    const ImageSize size = enhancer_.size_of(photo.size());
    expect_writable(size, format);
    std::unique_lock turn(large_picture_, std::defer_lock);
    if (std::int64_t{size.width} * size.height > kLargePicturePx) turn.lock();

    Enhanced made = enhancer_.run(photo);
    row.made = made.picture.size();
    row.faces_found = made.faces_found;
    row.ms = made.ms;
    timed(row.write_ms, [&] {
        Reconstruction mark = made_by_;
        mark.face_px = made.restored_px();
        PictureNotes notes = notes_of(mark);
        PictureNotes of_photo = read_notes(bytes);
        if (is_rgb(of_photo.profile)) notes.profile = std::move(of_photo.profile);
        if (options_.keep_exif != "none") notes.exif = kept_exif(of_photo.exif, row.made, options_.keep_exif == "all");
        const std::filesystem::path file = options_.folder / (stem + ending_of(format));
        answered.files->write(file, encoded(made.picture, format, notes), inputs_);
        row.picture = file.native();
    });
    row.faces = std::move(made.faces);
    return answered;
}

std::vector<std::uint8_t> Enhancements::encoded(const Image& picture, PictureFormat format,
                                                const PictureNotes& notes) const {
    if (format == PictureFormat::jpeg) return with_notes(encode_jpeg(picture, options_.quality), notes);
    if (format == PictureFormat::webp) return with_notes(encode_webp(picture, options_.quality), notes);
    return with_notes(encode_png(picture), notes);
}

std::vector<std::filesystem::path> existing_pictures(const PictureOptions& options,
                                                     const std::vector<std::string>& stems) {
    const std::optional<PictureFormat> wanted = format_of(options.format);
    std::vector<std::filesystem::path> files;
    std::error_code ignored;
    for (const std::string& stem : stems)
        for (const PictureFormat format : {PictureFormat::jpeg, PictureFormat::png, PictureFormat::webp}) {
            const std::filesystem::path file = options.folder / (stem + ending_of(format));
            if (format == wanted.value_or(format) && std::filesystem::exists(file, ignored)) files.push_back(file);
        }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace affectsr::cli
