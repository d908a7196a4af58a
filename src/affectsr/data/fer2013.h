// FER2013 as one CSV of pixels, with the FER+ votes where their list lies beside it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "affectsr/data/dataset.h"

namespace affectsr {

/// A row of fer2013.csv as it stands.
struct Fer2013Row {
    static constexpr int kSidePx = 48;
    SampleInfo info;                   ///< label, split, row; unusable if every pixel has the same value
    std::int64_t number = 0;           ///< 0-based place in the list, malformed rows counted
    std::vector<std::uint8_t> pixels;  ///< 48 × 48 grey values, rows top to bottom; empty: the row is malformed
    std::string malformed;             ///< why; empty: it is not
};

/// Reads fer2013.csv or icml_face_data.csv, whose columns emotion, pixels, Usage may stand in any order. A row without
/// a label 0–6 or 2304 values 0–255 comes back as malformed, so that the following ones keep their numbers. Calls
/// `take` for each. Throws InputError (`dataset_unreadable`) naming file and line for a text that is no CSV or lacks a
/// column. Source: Goodfellow et al. 2013, "Challenges in Representation Learning".
void read_fer2013(std::string_view text, const std::filesystem::path& path,
                  const std::function<void(Fer2013Row)>& take);

/// The votes of one row of fer2013new.csv.
struct FerPlusRow {
    FerPlusVotes votes{};
    std::string usage;
    bool named = false;  ///< false: the image name is empty, which marks the 173 rows that FER+ found unusable
};

/// Reads fer2013new.csv, one element per row; none: its votes are no counts (with a log line). Its rows belong to those
/// of fer2013.csv one by one. The numbers in its image names do not: they fall behind from row 60 on, and four names
/// stand twice. Errors as read_fer2013. Source: Barsoum et al. 2016, microsoft/FERPlus.
std::vector<std::optional<FerPlusRow>> read_fer_plus(std::string_view text, const std::string& name);

/// FER2013 read from ROOT/fer2013.csv (else icml_face_data.csv; also one folder below), kept in memory as bytes: 2.3 kB
/// a face. Votes come from fer2013new.csv beside it, joined row by row; rows that FER+ left without an image name are
/// not usable. Splits: Training, PublicTest, PrivateTest. Malformed rows are skipped and counted.
class Fer2013 : public Dataset {
 public:
    /// Throws UsageError for an unknown split, InputError (`dataset_unreadable`) as read_fer2013, and if a row's Usage
    /// differs between the two lists: then they do not belong together.
    explicit Fer2013(const DatasetOptions& options);

    const DatasetCard& card() const override { return card_; }
    std::size_t size() const override { return rows_.size(); }
    const SampleInfo& info(std::size_t i) const override;
    Sample at(std::size_t i) const override;

 private:
    void read_votes(const std::filesystem::path& path, std::int64_t rows_in_list);

    DatasetCard card_;
    std::vector<Fer2013Row> rows_;
};

}  // namespace affectsr
