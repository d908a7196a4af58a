// What lies under a folder: the pictures, sorted, and the list files, found whatever their case.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace affectsr {

/// One scan of a folder and all folders below it. Linked folders are followed once; hidden files and the resource forks
/// that macOS archives bring (`._x.jpg`, `__MACOSX`) are left out. Immutable once built.
class FolderIndex {
 public:
    /// Throws InputError (`dataset_unreadable`) if `root` is no folder or cannot be read.
    explicit FolderIndex(std::filesystem::path root);

    const std::filesystem::path& root() const { return root_; }
    /// Pictures that codec.h can read by their extension (.jpg .jpeg .png .webp, any case), relative to root(), sorted
    /// by path.
    const std::vector<std::filesystem::path>& pictures() const { return pictures_; }
    /// Pictures in other formats (.tif, .tiff, .bmp, .gif, .pgm, .ppm), relative, sorted.
    const std::vector<std::filesystem::path>& foreign_pictures() const { return foreign_pictures_; }
    /// The file that has one of `names` in any case; the first name counts most, then the fewest folders between.
    /// Absolute as root() is; none: no such file.
    std::optional<std::filesystem::path> find_file(std::initializer_list<std::string_view> names) const;
    /// SHA-256 of the sorted picture paths: names the state of a data set that has no list.
    std::string sha256() const;

 private:
    void scan();
    void add(const std::filesystem::path& file);

    std::filesystem::path root_;
    std::vector<std::filesystem::path> pictures_, foreign_pictures_, others_;
};

/// Finds the picture that a list means although its extension, or its case, differs on disk. Immutable once built.
class PictureFinder {
 public:
    /// Looks in `folder` and below it; a folder that does not exist has no pictures.
    explicit PictureFinder(std::filesystem::path folder);
    /// The file of the listed `name` ("000001.jpg", "a/b.png"): as spelled, else any picture of that name without
    /// regard to case and extension, a bare name in any folder below. If there is none, the path where it should be
    /// (and missing() counts it).
    std::filesystem::path find(std::string_view name);
    std::int64_t missing() const { return missing_; }
    /// Logs one warning if pictures that `list` names are missing, with the first of them.
    void warn_of_missing(const std::filesystem::path& list) const;

 private:
    std::filesystem::path folder_;
    std::unordered_map<std::string, std::filesystem::path> path_of_stem_;
    std::int64_t missing_ = 0;
    std::filesystem::path first_missing_;
};

/// The folder below `root` (or `root` itself) with this name in any case, the nearest one; none: there is none within
/// `depth` levels.
std::optional<std::filesystem::path> find_folder(const std::filesystem::path& root, std::string_view name,
                                                 int depth = 3);

/// Whether a listed path is relative and free of "..", so that it cannot name a file outside the data set's folder.
bool stays_inside(const std::filesystem::path& listed);

/// The names of the folders directly in `root`, sorted, hidden ones left out.
std::vector<std::string> folders_in(const std::filesystem::path& root);

}  // namespace affectsr
