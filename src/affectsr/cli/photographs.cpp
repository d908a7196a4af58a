#include "affectsr/cli/photographs.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <unordered_set>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/cli/standard_input.h"
#include "affectsr/image/codec.h"
#include "affectsr/pipeline/annotate.h"
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

void make_folder(const std::filesystem::path& folder) {
    if (folder.empty()) return;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        throw ResourceError("cannot_write", "cannot make the folder " + folder.string() + ": " + error.message());
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

NewFiles::~NewFiles() {
    std::error_code ignored;  // it is tidied up after an error that is told
    for (const std::filesystem::path& file : files_) std::filesystem::remove(file, ignored);
}

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

Photographs::Photographs(const Pipeline& pipeline, PictureFolders folders, InputFiles inputs)
    : pipeline_(pipeline), folders_(std::move(folders)), inputs_(std::move(inputs)) {
    make_folder(folders_.pictures);
    make_folder(folders_.strips);
}

AnsweredInput Photographs::answer(const Input& input, const std::string& stem, std::stop_token stop) {
    const auto failed = [&input](const std::string& code, const std::string& message) {
        return AnsweredInput{failed_row(input.name, code, message), std::make_shared<NewFiles>()};
    };
    if (!input.error_code.empty()) return failed(input.error_code, input.error_message);
    try {
        return answer_photo(input, stem, std::move(stop));
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::input) return failed(error.code(), error.what());
        if (error.kind() != ErrorKind::bug) throw;
        internal_error_ = true;
        return failed(error.code(), error.what());
    } catch (const std::bad_alloc&) {
        throw ResourceError("out_of_memory", "out of memory at " + input.name + "; use fewer --threads, then --resume");
    } catch (const std::exception& error) {
        // LibTorch and OpenCV throw exceptions of their own; one photo must not end a run of thousands.
        internal_error_ = true;
        return failed("internal", error.what());
    }
}

AnsweredInput Photographs::answer_photo(const Input& input, const std::string& stem, std::stop_token stop) {
    const auto start = std::chrono::steady_clock::now();
    const Image photo = input.from_stdin()
                            ? decode_image(read_stdin(ImageLimits{}.file_bytes, std::move(stop)), "stdin")
                            : read_image(input.path);
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
        write(file, annotate(answer.picture, answer), *answered.files);
        answered.row.picture = file.native();
    }
    if (folders_.strips.empty()) return;
    for (std::size_t i = 0; i < answer.faces.size(); ++i) {
        const std::filesystem::path file = strip_file(folders_.strips, stem, i + 1);
        write(file, strip(photo, answer.faces[i]), *answered.files);
        answered.row.faces[i].strip = file.native();
    }
}

void Photographs::write(const std::filesystem::path& file, const Image& image, NewFiles& made) const {
    inputs_.refuse(file);  // once more: names may have changed since the run began
    const bool is_new = !identity_of(file);
    write_image(file, image, kPictureQuality);
    if (is_new) made.add(file);
}

}  // namespace affectsr::cli
