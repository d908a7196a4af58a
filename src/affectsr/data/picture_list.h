// A data set whose samples are picture files: what every reader of such a data set builds.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "affectsr/data/dataset.h"

namespace affectsr {

class FolderIndex;

/// One picture file of a data set.
struct ListedPicture {
    SampleInfo info;
    Landmarks landmarks_in_picture;
    std::optional<Box> face_in_picture;  ///< cut to this box after decoding; none: the whole picture is the face
    std::size_t list = 0;                ///< which of the content's lists names it
};

/// Everything a reader found, before a split is chosen.
struct PictureListContent {
    DatasetCard card;  ///< `splits` is filled from the pictures
    std::vector<std::filesystem::path>
        lists;  ///< the files that name them (for messages); empty: the folder was scanned
    std::vector<ListedPicture> pictures;

    /// Counts `rows` that cannot be used and logs them in one line (level info; PictureList sums them up in one
    /// warning).
    void skip(const std::string& where, const std::string& why, std::int64_t rows = 1);
    /// Skips the pictures of an index in formats that codec.h does not read, and notes in the card what the walk could
    /// not enter; `split` is the one whose samples lie there, if it is known.
    void note_walk(const FolderIndex& index, const std::string& split = "");
    /// Notes in the card what could not be entered.
    void note_unreadable(const std::vector<Unreadable>& found, const std::string& split = "");
};

/// A data set of picture files. Immutable and thread-safe, as Dataset asks.
class PictureList : public Dataset {
 public:
    /// Keeps the pictures of `split` (any case; empty: all). Throws UsageError (`unknown_split`) for a split that no
    /// picture has, naming those that exist; InputError (`dataset_unreadable`) if there is no picture at all, or if the
    /// split may lie in a folder that could not be entered. Logs a warning for skipped rows, for what could not be
    /// entered, for pictures that are named twice, and for people who stand in more than one split.
    PictureList(PictureListContent content, const std::string& split);

    const DatasetCard& card() const override { return card_; }
    std::size_t size() const override { return pictures_.size(); }
    const SampleInfo& info(std::size_t i) const override;
    Sample at(std::size_t i) const override;

 private:
    void keep_split(const std::string& split);
    std::string where(const ListedPicture& picture) const;

    DatasetCard card_;
    std::vector<std::filesystem::path> lists_;
    std::vector<ListedPicture> pictures_;
};

/// The spelling among `splits` that equals `wanted` in any case. Throws UsageError (`unknown_split`) naming the known
/// ones; `name` is the data set's.
std::string matching_split(const std::vector<std::string>& splits, const std::string& wanted, const std::string& name);
/// Throws UsageError for an empty `root`, InputError (`dataset_unreadable`) unless it is a folder; `name` is the data
/// set's.
void expect_folder(const std::filesystem::path& root, const std::string& name);

}  // namespace affectsr
