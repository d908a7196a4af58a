#include "affectsr/data/manifest.h"

#include <algorithm>
#include <array>

#include "affectsr/base/error.h"
#include "affectsr/base/log.h"
#include "affectsr/base/text.h"
#include "affectsr/data/csv.h"
#include "affectsr/data/folder_index.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 10> kVoteColumns = {
    "ferplus_neutral", "ferplus_happiness", "ferplus_surprise", "ferplus_sadness", "ferplus_anger",
    "ferplus_disgust", "ferplus_fear",      "ferplus_contempt", "ferplus_unknown", "ferplus_nf"};
constexpr int kMostVotes = 1000;         // of one face and class; FER+ has ten annotators
constexpr std::size_t kMostSources = 8;  // named in the card

struct Columns {
    std::size_t path;
    std::optional<std::size_t> label, split, subject, blank, duplicate, source;
    std::array<std::optional<std::size_t>, 10> votes;
};

Columns find_columns(const CsvHeader& header, const std::string& name) {
    Columns columns;
    columns.path = header.require("path");
    columns.label = header.find("label");
    columns.split = header.find("split");
    columns.subject = header.find("subject");
    if (!columns.subject) columns.subject = header.find("identity");
    columns.blank = header.find("blank");
    columns.duplicate = header.find("dup_in_other_split");
    columns.source = header.find("source");
    std::size_t found = 0;
    for (std::size_t i = 0; i < kVoteColumns.size(); ++i) {
        columns.votes[i] = header.find(kVoteColumns[i]);
        found += columns.votes[i] ? 1 : 0;
    }
    if (found != 0 && found != kVoteColumns.size()) {
        for (const char* column : kVoteColumns) {
            if (!header.find(column)) {
                throw InputError("dataset_unreadable", name + ": has some ferplus_ columns but no \"" + column + "\"");
            }
        }
    }
    return columns;
}

/// Turns the rows of one manifest into pictures.
class ManifestRows {
 public:
    ManifestRows(fs::path root, std::string name, const Columns& columns)
        : root_(std::move(root)), name_(std::move(name)), columns_(columns) {}

    ListedPicture picture(const CsvRow& row) {
        ListedPicture picture;
        SampleInfo& info = picture.info;
        info.path = inside_root(row);
        info.row = row.line;
        info.label = label(row);
        info.votes = votes(row);
        info.split = cell_of(row, columns_.split);
        info.subject = cell_of(row, columns_.subject);
        info.usable = !flag(row, columns_.blank, "blank") && !flag(row, columns_.duplicate, "dup_in_other_split");
        return picture;
    }
    std::int64_t unknown_labels() const { return unknown_labels_; }

 private:
    fs::path inside_root(const CsvRow& row) const {
        const std::string_view cell = cell_of(row, columns_.path);
        if (cell.empty()) refuse(row, "has an empty path");
        const fs::path path(cell);
        if (!stays_inside(path)) {
            refuse(row, "has the path \"" + path.string() + "\", which may leave " + root_.string() +
                            "; paths are relative to the manifest's folder, without \"..\"");
        }
        return root_ / path;
    }

    std::optional<Emotion> label(const CsvRow& row) {
        const std::string_view word = cell_of(row, columns_.label);
        const std::optional<Emotion> emotion = emotion_from(word);
        if (!emotion && !word.empty()) {
            ++unknown_labels_;
            log(LogLevel::info, name_ + " line " + std::to_string(row.line) + ": the label \"" + std::string(word) +
                                    "\" is no known emotion; the picture stays unlabelled");
        }
        return emotion;
    }

    std::optional<FerPlusVotes> votes(const CsvRow& row) const {
        if (!columns_.votes[0]) return std::nullopt;
        const auto empty = [&](const auto& column) { return cell_of(row, column).empty(); };
        if (std::all_of(columns_.votes.begin(), columns_.votes.end(), empty)) return std::nullopt;
        FerPlusVotes votes{};
        for (std::size_t i = 0; i < votes.size(); ++i) {
            const std::string_view cell = cell_of(row, columns_.votes[i]);
            const auto count = whole_number(cell);
            if (!count || *count < 0 || *count > kMostVotes) {
                refuse(row, "has \"" + std::string(cell) + "\" as " + kVoteColumns[i] + "; a count from 0 to " +
                                std::to_string(kMostVotes) + " belongs there");
            }
            votes[i] = static_cast<int>(*count);
        }
        return votes;
    }

    bool flag(const CsvRow& row, std::optional<std::size_t> column, const char* column_name) const {
        const std::string word = lower_case(cell_of(row, column));
        if (word.empty() || word == "0" || word == "false" || word == "no") return false;
        if (word == "1" || word == "true" || word == "yes") return true;
        refuse(row, "has \"" + word + "\" as " + column_name + "; 0 or 1 belongs there");
    }

    [[noreturn]] void refuse(const CsvRow& row, const std::string& what) const {
        throw InputError("dataset_unreadable", name_ + ": line " + std::to_string(row.line) + " " + what);
    }

    fs::path root_;
    std::string name_;
    Columns columns_;
    std::int64_t unknown_labels_ = 0;
};

std::string folder_name(const fs::path& root) {
    const fs::path whole = fs::absolute(root).lexically_normal();
    return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

void note_source(std::vector<std::string>& sources, std::string_view source) {
    if (source.empty() || sources.size() >= kMostSources) return;
    if (std::find(sources.begin(), sources.end(), source) == sources.end()) sources.emplace_back(source);
}

PictureListContent read_manifest(const fs::path& root) {
    expect_folder(root, "manifest");
    PictureListContent content;
    const fs::path list = root / "manifest.csv";
    content.lists = {list};
    content.card.name = folder_name(root);
    const ListText text = read_list(list);
    content.card.sha256 = text.sha256();

    const std::string name = list.string();
    CsvReader reader(text.view(), name);
    CsvRow row;
    if (!reader.next(row))
        throw InputError("dataset_unreadable", name + ": is empty; its first line must name the columns");
    const CsvHeader header(row, name);
    const Columns columns = find_columns(header, name);
    ManifestRows rows(root, name, columns);
    std::vector<std::string> sources;
    while (reader.next(row)) {
        if (row.cells.size() != header.columns()) {
            throw InputError("dataset_unreadable",
                             name + ": line " + std::to_string(row.line) + " has " + std::to_string(row.cells.size()) +
                                 " cells, the first line has " + std::to_string(header.columns()));
        }
        content.pictures.push_back(rows.picture(row));
        note_source(sources, cell_of(row, columns.source));
    }
    for (const std::string& source : sources) content.card.source += (content.card.source.empty() ? "" : "; ") + source;
    if (rows.unknown_labels() > 0) {
        log(LogLevel::warning, name + ": " + std::to_string(rows.unknown_labels()) +
                                   " labels are no known emotion; those pictures stay unlabelled");
    }
    return content;
}

}  // namespace

Manifest::Manifest(const DatasetOptions& options) : PictureList(read_manifest(options.root), options.split) {}

}  // namespace affectsr
