#include "affectsr/data/fer2013_folders.h"

#include "affectsr/base/error.h"
#include "affectsr/data/class_folders.h"
#include "affectsr/data/csv.h"
#include "affectsr/data/folder_index.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

// A row of label.csv: name, box, ten counts.
constexpr std::size_t kVotesFrom = 2, kCells = kVotesFrom + 10;

std::optional<FerPlusVotes> votes_from(const CsvRow& row) {
    if (row.cells.size() < kCells) return std::nullopt;
    FerPlusVotes votes{};
    for (std::size_t i = 0; i < votes.size(); ++i) {
        const auto count = whole_number(cell_of(row, kVotesFrom + i));
        if (!count || *count < 0 || *count > 1000) return std::nullopt;
        votes[i] = static_cast<int>(*count);
    }
    return votes;
}

void add_fer_plus_folder(PictureListContent& content, const fs::path& list, const std::string& split) {
    const ListText text = read_list(list);
    content.card.sha256 = sha256_of(content.card.sha256 + text.sha256());
    content.lists.push_back(list);
    PictureFinder finder(list.parent_path());
    CsvReader reader(text.view(), list.string());
    for (CsvRow row; reader.next(row);) {
        const std::string where = list.string() + " line " + std::to_string(row.line);
        const auto votes = votes_from(row);
        const fs::path name(cell_of(row, 0));
        if (!votes || !stays_inside(name)) {
            content.skip(where, "it is not a picture's name, a box and ten counts");
            continue;
        }
        ListedPicture picture;
        picture.info.path = finder.find(name.native());
        picture.info.row = row.line;
        picture.info.votes = votes;
        picture.info.split = split;
        picture.list = content.lists.size() - 1;
        content.pictures.push_back(std::move(picture));
    }
    finder.warn_of_missing(list);
    content.note_unreadable(finder.unreadable(), split);
}

PictureListContent read_folders(const fs::path& root) {
    expect_folder(root, "fer2013_folders");
    PictureListContent content;
    content.card.name = "fer2013_folders";
    content.card.source = "Goodfellow et al. 2013, Challenges in Representation Learning, arXiv:1307.0414";
    content.card.licence = "research use; the pictures belong to third parties";
    for (const std::string& folder : folders_in(root, content.card.unreadable)) {
        const fs::path list = root / folder / "label.csv";
        std::vector<Unreadable> notes;
        if (is_there(list, notes)) add_fer_plus_folder(content, list, folder);
        content.note_unreadable(notes, folder);
    }
    if (!content.lists.empty()) {
        content.card.source = "Barsoum et al. 2016 (FER+), arXiv:1608.01041";
        return content;
    }
    add_class_folders(content, root, emotion_from);
    return content;
}

}  // namespace

Fer2013Folders::Fer2013Folders(const DatasetOptions& options)
    : PictureList(read_folders(options.root), options.split) {}

}  // namespace affectsr
