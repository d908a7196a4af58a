#include "affectsr/data/fer2013.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "affectsr/base/error.h"
#include "affectsr/base/log.h"
#include "affectsr/base/text.h"
#include "affectsr/data/csv.h"
#include "affectsr/data/folder_index.h"
#include "affectsr/data/picture_list.h"
#include "affectsr/data/source_labels.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPixels = Fer2013Row::kSidePx * Fer2013Row::kSidePx;
constexpr std::array<const char*, 10> kVoteColumns = {"neutral", "happiness", "surprise", "sadness", "anger",
                                                      "disgust", "fear",      "contempt", "unknown", "nf"};

[[noreturn]] void refuse(const std::string& name, std::int64_t line, const std::string& what) {
    throw InputError("dataset_unreadable", name + ": line " + std::to_string(line) + " " + what);
}

// Blank-separated grey values; empty if there are not 2304 or one is not 0–255.
std::vector<std::uint8_t> pixels_from(std::string_view text) {
    std::vector<std::uint8_t> pixels;
    pixels.reserve(kPixels);
    const char* at = text.data();
    const char* const end = at + text.size();
    for (;;) {
        while (at != end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) ++at;
        if (at == end) break;
        std::uint8_t value = 0;
        const auto result = std::from_chars(at, end, value);
        if (result.ec != std::errc{} || pixels.size() == kPixels) return {};
        pixels.push_back(value);
        at = result.ptr;
        if (at != end && *at != ' ' && *at != '\t' && *at != '\r' && *at != '\n') return {};
    }
    if (pixels.size() != kPixels) pixels.clear();
    return pixels;
}

std::optional<FerPlusVotes> votes_from(const CsvRow& row, const std::array<std::size_t, 10>& columns) {
    FerPlusVotes votes{};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto count = whole_number(cell_of(row, columns[i]));
        if (!count || *count < 0 || *count > 1000) return std::nullopt;
        votes[i] = static_cast<int>(*count);
    }
    return votes;
}

fs::path find_csv(const fs::path& root) {
    expect_folder(root, "fer2013");
    const FolderIndex index(root);
    if (const auto found = index.find_file({"fer2013.csv", "icml_face_data.csv"})) return *found;
    throw InputError("dataset_unreadable",
                     root.string() + ": has neither fer2013.csv nor icml_face_data.csv" + and_not_entered(index));
}

}  // namespace

void read_fer2013(std::string_view text, const fs::path& path, const std::function<void(Fer2013Row)>& take) {
    CsvReader reader(text, path.string());
    CsvRow row;
    if (!reader.next(row)) throw InputError("dataset_unreadable", path.string() + ": is empty");
    const CsvHeader header(row, path.string());
    const std::size_t emotion = header.require("emotion"), pixels = header.require("pixels"),
                      usage = header.require("Usage");
    for (std::int64_t number = 0; reader.next(row); ++number) {
        Fer2013Row face;
        face.number = number;
        face.info.path = path;
        face.info.row = row.line;
        face.info.split = cell_of(row, usage);
        if (const auto label = whole_number(cell_of(row, emotion)))
            face.info.label = emotion_of(LabelSet::fer2013, *label);
        face.pixels = pixels_from(cell_of(row, pixels));
        if (!face.info.label) face.malformed = "its emotion is no number from 0 to 6";
        if (face.pixels.empty()) face.malformed = "its pixels are not 2304 numbers from 0 to 255";
        const auto first = face.pixels.begin();
        // A dozen rows are one flat colour: nobody can tell an expression there.
        face.info.usable = std::any_of(first, face.pixels.end(), [&](std::uint8_t value) { return value != *first; });
        take(std::move(face));
    }
}

std::vector<std::optional<FerPlusRow>> read_fer_plus(std::string_view text, const std::string& name) {
    CsvReader reader(text, name);
    CsvRow row;
    if (!reader.next(row)) throw InputError("dataset_unreadable", name + ": is empty");
    const CsvHeader header(row, name);
    const std::size_t usage = header.require("Usage"), image_name = header.require("Image name");
    std::array<std::size_t, 10> columns{};
    std::transform(kVoteColumns.begin(), kVoteColumns.end(), columns.begin(),
                   [&](const char* column) { return header.require(column); });
    std::vector<std::optional<FerPlusRow>> rows;
    while (reader.next(row)) {
        const auto votes = votes_from(row, columns);
        if (!votes) {
            log(LogLevel::warning, name + " line " + std::to_string(row.line) + ": its votes are no counts; left out");
            rows.emplace_back();
            continue;
        }
        const bool named = !cell_of(row, image_name).empty();
        rows.push_back(FerPlusRow{*votes, std::string(cell_of(row, usage)), named});
    }
    return rows;
}

Fer2013::Fer2013(const DatasetOptions& options) {
    const fs::path path = find_csv(options.root);
    card_ = {.name = "fer2013",
             .source = "Goodfellow et al. 2013, Challenges in Representation Learning, arXiv:1307.0414",
             .licence = "research use; the pictures belong to third parties",
             .splits = {},
             .sha256 = {},
             .skipped = 0,
             .listed = 0,
             .unreadable = {}};
    const ListText text = read_list(path);
    card_.sha256 = text.sha256();
    std::int64_t rows_in_list = 0;
    read_fer2013(text.view(), path, [&](Fer2013Row row) {
        ++rows_in_list;
        if (row.malformed.empty()) {
            const std::string& split = row.info.split;
            if (std::find(card_.splits.begin(), card_.splits.end(), split) == card_.splits.end())
                card_.splits.push_back(split);
            rows_.push_back(std::move(row));
            return;
        }
        ++card_.skipped;
        log(LogLevel::info,
            row.info.path.string() + " line " + std::to_string(row.info.row) + ": skipped: " + row.malformed);
    });
    if (rows_.empty()) throw InputError("dataset_unreadable", path.string() + ": has no row that can be used");
    if (card_.skipped > 0) {
        log(LogLevel::warning,
            path.string() + ": " + std::to_string(card_.skipped) + " rows cannot be used and were skipped");
    }
    card_.listed = rows_in_list;
    read_votes(path, rows_in_list);
    if (!card_.unreadable.empty()) {
        log(LogLevel::warning, card_.name + ": " + account_of(card_.unreadable) + "; the FER+ votes may lie there");
    }
    if (trimmed(options.split).empty()) return;
    const std::string wanted = matching_split(card_.splits, options.split, card_.name);
    std::erase_if(rows_, [&](const Fer2013Row& row) { return row.info.split != wanted; });
    rows_.shrink_to_fit();
}

void Fer2013::read_votes(const fs::path& path, std::int64_t rows_in_list) {
    const FolderIndex index(path.parent_path());
    const auto found = index.find_file({"fer2013new.csv"});
    if (!found) card_.unreadable = index.unreadable();  // every picture is in the one list; only votes may be missing
    if (!found) return;
    const ListText text = read_list(*found);
    const std::vector<std::optional<FerPlusRow>> votes = read_fer_plus(text.view(), found->string());
    card_.sha256 = sha256_of(card_.sha256 + text.sha256());
    card_.source += "; votes: Barsoum et al. 2016 (FER+), arXiv:1608.01041";
    if (std::ssize(votes) != rows_in_list) {
        log(LogLevel::warning, found->string() + ": has " + std::to_string(votes.size()) + " rows, " + path.string() +
                                   " has " + std::to_string(rows_in_list) + "; they are joined from the first row on");
    }
    for (Fer2013Row& row : rows_) {
        const auto number = static_cast<std::size_t>(row.number);
        if (number >= votes.size() || !votes[number]) continue;
        const FerPlusRow& of_row = *votes[number];
        if (lower_case(of_row.usage) != lower_case(row.info.split)) {
            refuse(path.string(), row.info.row,
                   "is in \"" + row.info.split + "\", but " + found->string() + " has \"" + of_row.usage +
                       "\" for face " + std::to_string(row.number) +
                       ": the lists do not belong together; move the votes away to go without");
        }
        row.info.votes = of_row.votes;
        row.info.usable = row.info.usable && of_row.named;
    }
}

const SampleInfo& Fer2013::info(std::size_t i) const {
    AFFECTSR_EXPECT(i < rows_.size(), "sample " + std::to_string(i) + " of " + std::to_string(rows_.size()));
    return rows_[i].info;
}

Sample Fer2013::at(std::size_t i) const {
    Sample sample;
    sample.info = info(i);
    sample.picture = Image(Fer2013Row::kSidePx, Fer2013Row::kSidePx);
    for (std::size_t p = 0; p < kPixels; ++p) std::fill_n(sample.picture.rgb.data() + p * 3, 3, rows_[i].pixels[p]);
    return sample;
}

}  // namespace affectsr
