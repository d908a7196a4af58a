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

#include "affectsr/data/dataset.h"

namespace affectsr {

/// One scan of a folder and all folders below it. Linked folders are followed, but never back into one above them;
/// hidden files, the resource forks that macOS archives bring (`._x.jpg`, `__MACOSX`) and a file system's `lost+found`
/// are left out. What cannot be entered or followed is in unreadable(). Immutable once built.
class FolderIndex {
 public:
    /// Throws InputError (`dataset_unreadable`) if `root` is no folder or cannot be read, and for over a million
    /// folders (links that multiply).
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
    /// Folders without permission, links that lead nowhere or in a circle, picture names that are no files; sorted.
    const std::vector<Unreadable>& unreadable() const { return unreadable_; }

 private:
    /// A file system's own name of a folder, whatever path led there: device and inode.
    using FolderId = std::pair<std::uint64_t, std::uint64_t>;
    void scan(const std::filesystem::path& folder, std::vector<FolderId>& above);
    void look_at(const std::filesystem::directory_entry& entry, std::vector<FolderId>& above);
    void add(const std::filesystem::path& file);

    std::filesystem::path root_;
    std::vector<std::filesystem::path> pictures_, foreign_pictures_, others_;
    std::vector<Unreadable> unreadable_;
    std::int64_t folders_ = 0;
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
    /// What could not be entered on the way, as FolderIndex::unreadable().
    const std::vector<Unreadable>& unreadable() const { return unreadable_; }
    /// Logs one warning if pictures that `list` names are missing, with the first of them.
    void warn_of_missing(const std::filesystem::path& list) const;

 private:
    std::filesystem::path folder_;
    std::unordered_map<std::string, std::filesystem::path> path_of_stem_;
    std::vector<Unreadable> unreadable_;
    std::int64_t missing_ = 0;
    std::filesystem::path first_missing_;
};

/// The folder below `root` (or `root` itself) with this name in any case, the nearest one; none: there is none within
/// `depth` levels, and what could not be entered in the search is added to `unreadable`.
std::optional<std::filesystem::path> find_folder(const std::filesystem::path& root, std::string_view name,
                                                 std::vector<Unreadable>& unreadable, int depth = 3);

/// Whether a listed path is relative and free of "..", so that it cannot name a file outside the data set's folder.
bool stays_inside(const std::filesystem::path& listed);

/// The names of the folders directly in `root`, sorted, hidden ones left out. If `root` cannot be read, or an entry is
/// a link that leads nowhere, `unreadable` gets a note.
std::vector<std::string> folders_in(const std::filesystem::path& root, std::vector<Unreadable>& unreadable);

/// Whether something is at `path`. If that cannot be told, because a folder on the way may not be searched, the answer
/// is no and `unreadable` gets a note of the folder.
bool is_there(const std::filesystem::path& path, std::vector<Unreadable>& unreadable);

/// Adds one note, unless the path has one.
void note_unreadable(std::vector<Unreadable>& unreadable, std::filesystem::path path, std::string reason);

/// What a message about a list that is not there adds: it may lie where the walk could not go; else empty.
std::string and_not_entered(const FolderIndex& index);

/// "3 folders or files could not be entered, the first is faces/sad: Permission denied"; empty if there is none.
std::string account_of(const std::vector<Unreadable>& unreadable);

}  // namespace affectsr
