#include "affectsr/cli/photographs.h"

#include <algorithm>
#include <chrono>
#include <unordered_set>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/cli/answering.h"
#include "affectsr/image/codec.h"
#include "affectsr/pipeline/annotate.h"
#include "affectsr/pipeline/restoration.h"
#include "affectsr/pipeline/strip.h"

namespace affectsr::cli {

namespace {

// A detector takes up to thirty bytes per pixel for its sums. Photos above this size take turns, so that a folder of
// them needs the memory of one and not of one per thread.
constexpr std::int64_t kLargePhotoPx = 8'000'000;

constexpr int kPictureQuality = 92;
constexpr std::string_view kPictureEnd = ".jpg", kStripEnd = ".png", kStripMark = ".face";

double milliseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

std::filesystem::path picture_file(const std::filesystem::path& folder, const std::string& stem) {
    return folder / (stem + std::string(kPictureEnd));
}
std::filesystem::path strip_file(const std::filesystem::path& folder, const std::string& stem, std::size_t face) {
    return folder / (stem + std::string(kStripMark) + std::to_string(face) + std::string(kStripEnd));
}

/// STEM of STEM.faceN.png; empty for another name.
std::string stem_of_strip(std::string_view name) {
    if (!name.ends_with(kStripEnd)) return "";
    name.remove_suffix(kStripEnd.size());
    const std::size_t digits = name.find_last_not_of("0123456789") + 1;
    if (digits == name.size() || !name.substr(0, digits).ends_with(kStripMark)) return "";
    return std::string(name.substr(0, digits - kStripMark.size()));
}

/// How many faces an input has is not known before it is read, so strips are looked for by the beginning of their name.
void add_existing_strips(const std::filesystem::path& folder, const std::vector<std::string>& stems,
                         std::vector<std::filesystem::path>& files) {
    const std::unordered_set<std::string> wanted(stems.begin(), stems.end());
    std::error_code error;
    for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        if (wanted.contains(stem_of_strip(at->path().filename().native()))) files.push_back(at->path());
    if (error && error != std::errc::no_such_file_or_directory)
        throw ResourceError("cannot_write", "cannot look into the folder " + folder.string() + ": " + error.message());
}

}  // namespace

std::string stem_of(const std::string& file) {
    const std::string name = std::filesystem::path(file).filename().string();
    if (const std::string stem = stem_of_strip(name); !stem.empty()) return stem;
    return name.ends_with(kPictureEnd) ? name.substr(0, name.size() - kPictureEnd.size()) : "";
}

std::vector<std::filesystem::path> existing_files(const PictureFolders& folders,
                                                  const std::vector<std::string>& stems) {
    std::vector<std::filesystem::path> files;
    std::error_code ignored;
    if (!folders.pictures.empty())
        for (const std::string& stem : stems)
            if (const auto file = picture_file(folders.pictures, stem); std::filesystem::exists(file, ignored))
                files.push_back(file);
    if (!folders.strips.empty()) add_existing_strips(folders.strips, stems, files);
    std::sort(files.begin(), files.end());
    return files;
}

Photographs::Photographs(const Pipeline& pipeline, PictureFolders folders, Reconstruction made_by, InputFiles inputs)
    : pipeline_(pipeline), folders_(std::move(folders)), made_by_(std::move(made_by)), inputs_(std::move(inputs)) {
    make_folder(folders_.pictures);
    make_folder(folders_.strips);
}

AnsweredInput Photographs::answer(const Input& input, const std::string& stem, std::stop_token stop) {
    const auto failed = [&input](const std::string& code, const std::string& message) {
        return AnsweredInput{failed_row(input.name, code, message), std::make_shared<NewFiles>()};
    };
    return answer_or_fail(
        input, [&] { return answer_photo(input, stem, std::move(stop)); }, failed, internal_error_);
}

AnsweredInput Photographs::answer_photo(const Input& input, const std::string& stem, std::stop_token stop) {
    const auto start = std::chrono::steady_clock::now();
    const Image photo =
        decode_image(read_input(input, std::move(stop)), input.from_stdin() ? "stdin" : input.path.string());
    const double read_ms = milliseconds_since(start);
    std::unique_lock turn(large_photo_, std::defer_lock);
    if (static_cast<std::int64_t>(photo.width) * photo.height > kLargePhotoPx) turn.lock();
    const Answer answer = pipeline_.run(photo);
    AnsweredInput answered{answered_row(input.name, photo.size(), answer, read_ms), std::make_shared<NewFiles>()};
    write_pictures(photo, answer, stem, answered);
    return answered;
}

void Photographs::write_pictures(const Image& photo, const Answer& answer, const std::string& stem,
                                 AnsweredInput& answered) {
    if (!folders_.pictures.empty()) {
        const std::filesystem::path file = picture_file(folders_.pictures, stem);
        const Image picture = annotate(answer.picture, answer);
        answered.files->write(file, with_notes(encode_jpeg(picture, kPictureQuality), mark_of(answer.faces)), inputs_);
        answered.row.picture = file.native();
    }
    if (folders_.strips.empty()) return;
    for (std::size_t i = 0; i < answer.faces.size(); ++i) {
        const std::filesystem::path file = strip_file(folders_.strips, stem, i + 1);
        const Answer::Seen& seen = answer.faces[i];
        answered.files->write(file, with_notes(encode_png(strip(photo, seen)), mark_of({&seen, 1})), inputs_);
        answered.row.faces[i].strip = file.native();
    }
}

/// The mark of a picture that shows these faces; none if the restorer made no picture of any.
PictureNotes Photographs::mark_of(std::span<const Answer::Seen> shown) const {
    Reconstruction mark = made_by_;
    for (const Answer::Seen& seen : shown) {
        const std::string& reason = seen.look.restorer_reason;
        if (seen.look.route.road == Road::enlarged && (reason.empty() || did_without_landmarks(reason)))
            mark.face_px.push_back(native_px(seen.crop));
    }
    return mark.face_px.empty() ? PictureNotes{} : notes_of(mark);
}

}  // namespace affectsr::cli
