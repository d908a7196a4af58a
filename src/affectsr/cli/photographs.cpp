#include "affectsr/cli/photographs.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <new>

#include "affectsr/base/error.h"
#include "affectsr/pipeline/annotate.h"
#include "affectsr/pipeline/strip.h"

namespace affectsr::cli {

namespace {

// A detector takes up to thirty bytes per pixel for its sums. Photos above this size take turns, so that a folder of
// them needs the memory of one and not of one per thread.
constexpr std::int64_t kLargePhotoPx = 8'000'000;

constexpr int kPictureQuality = 92;

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
    return folder / (stem + ".jpg");
}
std::filesystem::path strip_file(const std::filesystem::path& folder, const std::string& stem, std::size_t face) {
    return folder / (stem + ".face" + std::to_string(face) + ".png");
}

}  // namespace

std::vector<std::uint8_t> read_stdin(std::int64_t most_bytes, std::stop_token stop) {
    std::vector<std::uint8_t> bytes;
    std::vector<std::uint8_t> block(1 << 16);
    for (;;) {
        pollfd waiting = {STDIN_FILENO, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, 100);  // milliseconds: how soon a stop is noticed
        if (stop.stop_requested()) throw Photographs::Interrupted{};
        if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
        const ssize_t n = ::read(STDIN_FILENO, block.data(), block.size());
        if (n == 0) return bytes;
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw InputError("not_readable", std::string("stdin: cannot be read: ") + std::strerror(errno));
        if (static_cast<std::int64_t>(bytes.size()) + n > most_bytes)
            throw InputError("too_large", "stdin: more than " + std::to_string(most_bytes) + " bytes");
        bytes.insert(bytes.end(), block.begin(), block.begin() + n);
    }
}

std::vector<std::filesystem::path> files_of(const PictureFolders& folders, const std::string& stem) {
    std::vector<std::filesystem::path> files;
    if (!folders.pictures.empty()) files.push_back(picture_file(folders.pictures, stem));
    if (!folders.strips.empty()) files.push_back(strip_file(folders.strips, stem, 1));
    return files;
}

Photographs::Photographs(const Pipeline& pipeline, PictureFolders folders)
    : pipeline_(pipeline), folders_(std::move(folders)) {
    make_folder(folders_.pictures);
    make_folder(folders_.strips);
}

Row Photographs::answer(const Input& input, const std::string& stem, std::stop_token stop) {
    if (!input.error_code.empty()) return failed_row(input.name, input.error_code, input.error_message);
    try {
        return answer_photo(input, stem, stop);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::input) return failed_row(input.name, error.code(), error.what());
        if (error.kind() != ErrorKind::bug) throw;
        internal_error_ = true;
        return failed_row(input.name, error.code(), error.what());
    } catch (const std::bad_alloc&) {
        throw ResourceError("out_of_memory", "out of memory at " + input.name + "; use fewer --threads, then --resume");
    } catch (const std::exception& error) {
        // LibTorch and OpenCV throw exceptions of their own; one photo must not end a run of thousands.
        internal_error_ = true;
        return failed_row(input.name, "internal", error.what());
    }
}

Row Photographs::answer_photo(const Input& input, const std::string& stem, std::stop_token stop) {
    const auto start = std::chrono::steady_clock::now();
    const Image photo =
        input.from_stdin() ? decode_image(read_stdin(ImageLimits{}.file_bytes, stop), "stdin") : read_image(input.path);
    const double read_ms = milliseconds_since(start);
    std::unique_lock turn(large_photo_, std::defer_lock);
    if (static_cast<std::int64_t>(photo.width) * photo.height > kLargePhotoPx) turn.lock();
    const Answer answer = pipeline_.run(photo);
    write_pictures(photo, answer, stem);
    return answered_row(input.name, photo.size(), answer, read_ms);
}

void Photographs::write_pictures(const Image& photo, const Answer& answer, const std::string& stem) const {
    if (!folders_.pictures.empty())
        write_image(picture_file(folders_.pictures, stem), annotate(answer.picture, answer), kPictureQuality);
    if (folders_.strips.empty()) return;
    for (std::size_t i = 0; i < answer.faces.size(); ++i)
        write_image(strip_file(folders_.strips, stem, i + 1), strip(photo, answer.faces[i]));
}

}  // namespace affectsr::cli
