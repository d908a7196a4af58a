#include "affectsr/data/folder_index.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "affectsr/base/error.h"
#include "affectsr/base/log.h"
#include "affectsr/base/text.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

constexpr std::array kReadable = {".jpg", ".jpeg", ".png", ".webp"};
constexpr std::array kForeign = {".tif", ".tiff", ".bmp", ".gif", ".pgm", ".ppm"};
constexpr std::size_t kMostDepth = 64;  // of folders in folders; no data set has more than six
constexpr std::int64_t kMostFolders = 1 << 20;

bool has_extension(const fs::path& file, const auto& extensions) {
    const std::string extension = lower_case(file.extension().string());
    return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

bool is_hidden(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.starts_with('.') || name == "__MACOSX" || name == "lost+found";
}

std::string stem_key(const fs::path& relative) {
    return lower_case((relative.parent_path() / relative.stem()).generic_string());
}

void sort_paths(std::vector<fs::path>& paths) {
    // By bytes of the whole path, as `LC_ALL=C sort` does: fs::path compares part by part.
    std::sort(paths.begin(), paths.end(), [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
}

/// Why an entry that a folder names cannot be looked at.
std::string reason_of(const fs::directory_entry& entry, const std::error_code& failure) {
    std::error_code ignored;  // of a second look, which only chooses the words
    if (!entry.is_symlink(ignored)) return failure.message();
    if (failure == std::errc::no_such_file_or_directory || failure == std::errc::not_a_directory)
        return "the link leads nowhere";
    if (failure == std::errc::too_many_symbolic_link_levels) return "the link leads to itself";
    return failure.message();
}

}  // namespace

FolderIndex::FolderIndex(fs::path root) : root_(std::move(root)) {
    std::error_code failure;
    const fs::directory_iterator readable(root_, failure);
    if (failure) {
        throw InputError("dataset_unreadable", root_.string() + ": cannot read the folder: " + failure.message());
    }
    std::vector<FolderId> above;
    scan(root_, above);
    sort_paths(pictures_);
    sort_paths(foreign_pictures_);
    sort_paths(others_);
    std::sort(unreadable_.begin(), unreadable_.end(),
              [](const Unreadable& a, const Unreadable& b) { return a.path.native() < b.path.native(); });
}

void FolderIndex::scan(const fs::path& folder, std::vector<FolderId>& above) {
    struct ::stat found = {};
    if (::stat(folder.c_str(), &found) != 0) {
        return note_unreadable(unreadable_, folder, std::strerror(errno));
    }
    const FolderId id{found.st_dev, found.st_ino};
    if (std::find(above.begin(), above.end(), id) != above.end()) {
        return note_unreadable(unreadable_, folder, "the link leads back to a folder above it");
    }
    if (above.size() == kMostDepth) {
        return note_unreadable(unreadable_, folder, "over " + std::to_string(kMostDepth) + " folders deep");
    }
    if (++folders_ > kMostFolders) {
        throw InputError("dataset_unreadable", root_.string() + ": has over " + std::to_string(kMostFolders) +
                                                   " folders, counting those that links lead to");
    }
    above.push_back(id);
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure), end; entry != end; entry.increment(failure))
        look_at(*entry, above);
    // Of a folder that stops in the middle, what came before is kept and the rest is told of.
    if (failure) note_unreadable(unreadable_, folder, failure.message());
    above.pop_back();
}

void FolderIndex::look_at(const fs::directory_entry& entry, std::vector<FolderId>& above) {
    const fs::path& path = entry.path();
    if (is_hidden(path)) return;
    std::error_code failure;
    if (entry.is_directory(failure)) {
        scan(path, above);
    } else if (entry.is_regular_file(failure)) {
        add(path.lexically_relative(root_));
    } else if (failure) {
        note_unreadable(unreadable_, path, reason_of(entry, failure));
    } else if (has_extension(path, kReadable)) {
        note_unreadable(unreadable_, path, "it is neither a file nor a folder");
    }
}

void FolderIndex::add(const fs::path& file) {
    if (has_extension(file, kReadable))
        pictures_.push_back(file);
    else if (has_extension(file, kForeign))
        foreign_pictures_.push_back(file);
    else
        others_.push_back(file);
}

std::optional<fs::path> FolderIndex::find_file(std::initializer_list<std::string_view> names) const {
    for (std::string_view name : names) {
        const std::string wanted = lower_case(name);
        const fs::path* nearest = nullptr;
        std::ptrdiff_t fewest = 0;
        for (const fs::path& file : others_) {
            if (lower_case(file.filename().string()) != wanted) continue;
            const std::ptrdiff_t folders = std::distance(file.begin(), file.end());
            if (!nearest || folders < fewest) nearest = &file, fewest = folders;
        }
        if (nearest) return root_ / *nearest;
    }
    return std::nullopt;
}

std::string FolderIndex::sha256() const {
    std::string listing;
    for (const fs::path& picture : pictures_) listing += picture.generic_string() + "\n";
    return sha256_of(listing);
}

PictureFinder::PictureFinder(fs::path folder) : folder_(std::move(folder)) {
    if (!is_there(folder_, unreadable_)) return;
    const FolderIndex index(folder_);
    unreadable_ = index.unreadable();
    for (const fs::path& picture : index.pictures()) path_of_stem_.emplace(stem_key(picture), picture);
    // Archives often add a folder of their own: a name without folder is also found below, unless it stands on top.
    for (const fs::path& picture : index.pictures()) path_of_stem_.emplace(stem_key(picture.filename()), picture);
}

fs::path PictureFinder::find(std::string_view name) {
    const fs::path spelled = folder_ / fs::path(name);
    std::error_code error;
    if (fs::exists(spelled, error)) return spelled;
    const auto place = path_of_stem_.find(stem_key(fs::path(name)));
    if (place != path_of_stem_.end()) return folder_ / place->second;
    if (missing_++ == 0) first_missing_ = spelled;
    return spelled;
}

void PictureFinder::warn_of_missing(const fs::path& list) const {
    if (missing_ == 0) return;
    log(LogLevel::warning, list.string() + ": names " + std::to_string(missing_) +
                               " pictures that are not there, the first is " + first_missing_.string());
}

std::optional<fs::path> find_folder(const fs::path& root, std::string_view name, std::vector<Unreadable>& unreadable,
                                    int depth) {
    const std::string wanted = lower_case(name);
    const fs::path whole = root.lexically_normal();
    const fs::path last = whole.has_filename() ? whole.filename() : whole.parent_path().filename();
    if (lower_case(last.string()) == wanted) return root;
    std::vector<Unreadable> passed_by;
    std::vector<fs::path> level = {root};
    for (int i = 0; i < depth; ++i) {
        std::vector<fs::path> below;
        for (const fs::path& folder : level) {
            for (const std::string& child : folders_in(folder, passed_by)) {
                if (lower_case(child) == wanted) return folder / child;
                below.push_back(folder / child);
            }
        }
        level = std::move(below);
    }
    for (Unreadable& note : passed_by) note_unreadable(unreadable, std::move(note.path), std::move(note.reason));
    return std::nullopt;
}

bool stays_inside(const fs::path& listed) {
    return !listed.empty() && !listed.is_absolute() && std::find(listed.begin(), listed.end(), "..") == listed.end();
}

std::vector<std::string> folders_in(const fs::path& root, std::vector<Unreadable>& unreadable) {
    std::vector<std::string> names;
    std::error_code failure;
    for (fs::directory_iterator entry(root, failure), end; entry != end; entry.increment(failure)) {
        if (is_hidden(entry->path())) continue;
        std::error_code unknown;
        if (entry->is_directory(unknown))
            names.push_back(entry->path().filename().string());
        else if (unknown)
            note_unreadable(unreadable, entry->path(), reason_of(*entry, unknown));
    }
    const bool is_absent = failure == std::errc::no_such_file_or_directory;  // what is not there hides nothing
    if (failure && !is_absent) note_unreadable(unreadable, root, failure.message());
    std::sort(names.begin(), names.end());
    return names;
}

bool is_there(const fs::path& path, std::vector<Unreadable>& unreadable) {
    std::error_code failure;
    const bool yes = fs::exists(path, failure);
    if (failure) note_unreadable(unreadable, path.parent_path(), failure.message());
    return yes;
}

void note_unreadable(std::vector<Unreadable>& unreadable, fs::path path, std::string reason) {
    const auto same = [&](const Unreadable& one) { return one.path == path; };
    // Walks note a path right after another attempt at it, or not at all: the last few are enough to look through.
    constexpr std::ptrdiff_t kLookBack = 1024;
    const auto first = unreadable.end() - std::min(std::ssize(unreadable), kLookBack);
    if (std::any_of(first, unreadable.end(), same)) return;
    unreadable.push_back({std::move(path), std::move(reason), {}});
}

std::string and_not_entered(const FolderIndex& index) {
    return index.unreadable().empty() ? "" : "; " + account_of(index.unreadable());
}

std::string account_of(const std::vector<Unreadable>& unreadable) {
    if (unreadable.empty()) return {};
    const Unreadable& first = unreadable.front();
    const std::string many = unreadable.size() == 1 ? "1 folder or file could not be entered, "
                                                    : std::to_string(unreadable.size()) +
                                                          " folders or files could not be entered, the first is ";
    return many + first.path.string() + ": " + first.reason;
}

}  // namespace affectsr
