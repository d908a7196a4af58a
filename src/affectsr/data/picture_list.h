// A data set whose samples are picture files: what every reader of such a data set builds.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "affectsr/data/dataset.h"

namespace affectsr {

/// One picture file of a data set.
struct ListedPicture {
    SampleInfo info;
    Landmarks landmarks_in_picture;
    std::optional<Box> face_in_picture;  ///< cut to this box after decoding; none: the whole picture is the face
};

/// Everything a reader found, before a split is chosen.
struct PictureListContent {
    DatasetCard card;            ///< `splits` is filled from the pictures
    std::filesystem::path list;  ///< the file that names them (for messages); empty: the folder was scanned
    std::vector<ListedPicture> pictures;
};

/// A data set of picture files. Immutable and thread-safe, as Dataset asks.
class PictureList : public Dataset {
 public:
    /// Keeps the pictures of `split` (any case; empty: all). Throws UsageError for a split that no picture has, naming
    /// those that exist; InputError (`dataset_unreadable`) if there is no picture at all.
    PictureList(PictureListContent content, const std::string& split);

    const DatasetCard& card() const override { return card_; }
    std::size_t size() const override { return pictures_.size(); }
    const SampleInfo& info(std::size_t i) const override;
    Sample at(std::size_t i) const override;

 private:
    DatasetCard card_;
    std::filesystem::path list_;
    std::vector<ListedPicture> pictures_;
};

/// The different non-empty splits of `pictures`, in the order in which they first appear.
std::vector<std::string> splits_of(const std::vector<ListedPicture>& pictures);
/// The spelling among `splits` that equals `wanted` in any case. Throws UsageError naming the known ones; `name` is the
/// data set's.
std::string matching_split(const std::vector<std::string>& splits, const std::string& wanted, const std::string& name);

/// A list file as text. Throws InputError (`dataset_unreadable`) naming it if it cannot be read.
std::string read_list(const std::filesystem::path& path);
/// SHA-256 of a text as 64 hex digits.
std::string sha256_of(std::string_view text);
/// Throws InputError (`dataset_unreadable`) unless `root` is a folder.
void expect_folder(const std::filesystem::path& root, const std::string& name);
/// Counts a row that cannot be used and writes its log line.
void skip(DatasetCard& card, const std::string& where, const std::string& why);

}  // namespace affectsr
