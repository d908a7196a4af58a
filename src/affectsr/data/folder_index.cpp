#include "affectsr/data/folder_index.h"

#include <algorithm>
#include <array>
#include <set>

#include "affectsr/base/error.h"
#include "affectsr/base/log.h"
#include "affectsr/base/text.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

constexpr std::array kReadable = {".jpg", ".jpeg", ".png", ".webp"};
constexpr std::array kForeign = {".tif", ".tiff", ".bmp", ".gif", ".pgm", ".ppm"};

bool has_extension(const fs::path& file, const auto& extensions) {
    const std::string extension = lower_case(file.extension().string());
    return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

bool is_hidden(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.starts_with('.') || name == "__MACOSX";
}

std::string stem_key(const fs::path& relative) {
    return lower_case((relative.parent_path() / relative.stem()).generic_string());
}

void sort_paths(std::vector<fs::path>& paths) {
    // By bytes of the whole path, as `LC_ALL=C sort` does: fs::path compares part by part.
    std::sort(paths.begin(), paths.end(), [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
}

}  // namespace

FolderIndex::FolderIndex(fs::path root) : root_(std::move(root)) {
    try {
        scan();
    } catch (const fs::filesystem_error& error) {
        throw InputError("dataset_unreadable", root_.string() + ": cannot read the folder: " + error.code().message());
    }
    sort_paths(pictures_);
    sort_paths(foreign_pictures_);
    sort_paths(others_);
}

void FolderIndex::scan() {
    // A linked folder may lead back to one above it; each real folder is read once.
    std::set<fs::path> seen = {fs::canonical(root_)};
    const auto options =
        fs::directory_options::follow_directory_symlink | fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator entry(root_, options), end; entry != end; ++entry) {
        std::error_code broken_link;
        if (entry->is_directory(broken_link)) {
            if (is_hidden(entry->path()) || !seen.insert(fs::canonical(entry->path())).second)
                entry.disable_recursion_pending();
        } else if (!is_hidden(entry->path()) && entry->is_regular_file(broken_link)) {
            add(entry->path().lexically_relative(root_));
        }
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
    std::error_code error;
    if (!fs::is_directory(folder_, error)) return;
    const FolderIndex index(folder_);
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

std::optional<fs::path> find_folder(const fs::path& root, std::string_view name, int depth) {
    const std::string wanted = lower_case(name);
    const fs::path whole = root.lexically_normal();
    const fs::path last = whole.has_filename() ? whole.filename() : whole.parent_path().filename();
    if (lower_case(last.string()) == wanted) return root;
    std::vector<fs::path> level = {root};
    for (int i = 0; i < depth; ++i) {
        std::vector<fs::path> below;
        for (const fs::path& folder : level) {
            for (const std::string& child : folders_in(folder)) {
                if (lower_case(child) == wanted) return folder / child;
                below.push_back(folder / child);
            }
        }
        level = std::move(below);
    }
    return std::nullopt;
}

bool stays_inside(const fs::path& listed) {
    return !listed.empty() && !listed.is_absolute() && std::find(listed.begin(), listed.end(), "..") == listed.end();
}

std::vector<std::string> folders_in(const fs::path& root) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(root, fs::directory_options::skip_permission_denied, error), end; entry != end;
         entry.increment(error)) {
        std::error_code broken_link;
        if (entry->is_directory(broken_link) && !is_hidden(entry->path()))
            names.push_back(entry->path().filename().string());
        if (error) break;
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace affectsr
