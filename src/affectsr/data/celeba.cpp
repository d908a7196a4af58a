#include "affectsr/data/celeba.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "affectsr/base/error.h"
#include "affectsr/base/text.h"
#include "affectsr/data/folder_index.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> kSplits = {"train", "val", "test"};  // 0, 1, 2
constexpr std::int64_t kNoPart = -1;
constexpr std::array<const char*, 10> kPointColumns = {"lefteye_x",    "lefteye_y",   "righteye_x",  "righteye_y",
                                                       "nose_x",       "nose_y",      "leftmouth_x", "leftmouth_y",
                                                       "rightmouth_x", "rightmouth_y"};

using People = std::unordered_map<std::string, std::string>;

// Where each of the ten coordinates stands after the picture's name. The text list does not name the first column, the
// CSV does.
std::array<std::size_t, 10> columns_of(const std::vector<std::string_view>& header, const std::string& name) {
    const std::size_t unnamed = header.size() == kPointColumns.size() ? 1 : 0;
    std::array<std::size_t, 10> columns{};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto is_it = [&](std::string_view word) { return lower_case(word) == kPointColumns[i]; };
        const auto place = std::find_if(header.begin(), header.end(), is_it);
        if (place == header.end()) {
            throw InputError("dataset_unreadable", name + ": no column is called \"" + kPointColumns[i] + "\"");
        }
        columns[i] = static_cast<std::size_t>(place - header.begin()) + unnamed;
    }
    return columns;
}

Landmarks points_from(const std::vector<std::string_view>& words, const std::array<std::size_t, 10>& columns) {
    Landmarks points(5);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto value = columns[i] < words.size() ? decimal_number(words[columns[i]]) : std::nullopt;
        if (!value) return {};
        (i % 2 == 0 ? points[i / 2].x : points[i / 2].y) = static_cast<float>(*value);
    }
    return points;
}

People read_people(const fs::path& list) {
    People people;
    const ListText text = read_list(list);
    for (const TextLine& line : lines_of(text.view())) {
        const auto words = words_of(line.text);
        if (words.size() == 2 && whole_number(words[1])) people.emplace(lower_case(words[0]), words[1]);
    }
    return people;
}

fs::path picture_folder(const fs::path& root, std::vector<Unreadable>& unreadable) {
    for (const char* name : {"img_align_celeba", "img_align_celeba_png"}) {
        if (const auto folder = find_folder(root, name, unreadable)) return *folder;
    }
    return root;
}

PictureListContent read_partition(const fs::path& root, const fs::path& list) {
    PictureListContent content;
    content.card.name = "celeba";
    content.card.source = "Liu et al. 2015, Deep Learning Face Attributes in the Wild (CelebA), arXiv:1411.7766";
    content.card.licence = "non-commercial research; the pictures belong to third parties";
    const ListText text = read_list(list);
    content.card.sha256 = text.sha256();
    content.lists = {list};
    PictureFinder finder(picture_folder(root, content.card.unreadable));
    std::unordered_set<std::string> seen;
    for (const TextLine& line : lines_of(text.view())) {
        const auto words = words_of(line.text);
        const std::int64_t part = words.size() == 2 ? whole_number(words[1]).value_or(kNoPart) : kNoPart;
        const bool is_header = content.pictures.empty() && content.card.skipped == 0 && words.size() == 2 &&
                               part == kNoPart && !fs::path(words[0]).has_extension();
        if (is_header) continue;
        const std::string where = list.string() + " line " + std::to_string(line.number);
        if (part < 0 || part >= std::ssize(kSplits) || !stays_inside(fs::path(words[0]))) {
            content.skip(where, "it is not a picture's name and 0, 1 or 2");
        } else if (!seen.insert(lower_case(words[0])).second) {
            content.skip(where, "it names a picture for the second time");
        } else {
            ListedPicture picture;
            picture.info.path = finder.find(words[0]);
            picture.info.row = line.number;
            picture.info.split = kSplits[static_cast<std::size_t>(part)];
            content.pictures.push_back(std::move(picture));
        }
    }
    finder.warn_of_missing(list);
    content.note_unreadable(finder.unreadable());
    return content;
}

PictureListContent read_celeba(const fs::path& root) {
    expect_folder(root, "celeba");
    const FolderIndex index(root);
    const auto list = index.find_file({"list_eval_partition.txt", "list_eval_partition.csv"});
    if (!list) {
        throw InputError("dataset_unreadable",
                         root.string() +
                             ": has no list_eval_partition.txt (or .csv), which comes with CelebA's Eval folder" +
                             and_not_entered(index));
    }
    PictureListContent content = read_partition(root, *list);
    content.note_unreadable(index.unreadable());
    std::map<std::string, Landmarks, std::less<>> landmarks;
    if (const auto file = index.find_file({"list_landmarks_align_celeba.txt", "list_landmarks_align_celeba.csv"})) {
        const ListText text = read_list(*file);
        landmarks = celeba_landmarks(text.view(), file->string());
    }
    People people;
    if (const auto file = index.find_file({"identity_CelebA.txt", "identity_CelebA.csv"})) people = read_people(*file);
    for (ListedPicture& picture : content.pictures) {
        const std::string stem = lower_case(picture.info.path.stem().string());
        // Lists say .jpg, even where the pictures were converted.
        if (const auto found = landmarks.find(stem + ".jpg"); found != landmarks.end()) {
            picture.landmarks_in_picture = found->second;
        }
        if (const auto found = people.find(stem + ".jpg"); found != people.end()) picture.info.subject = found->second;
    }
    return content;
}

}  // namespace

std::map<std::string, Landmarks, std::less<>> celeba_landmarks(std::string_view text, const std::string& name) {
    const std::vector<TextLine> lines = lines_of(text);
    const std::size_t header = !lines.empty() && whole_number(lines[0].text) ? 1 : 0;
    if (lines.size() <= header) throw InputError("dataset_unreadable", name + ": has no line of column names");
    const auto columns = columns_of(words_of(lines[header].text), name);
    std::map<std::string, Landmarks, std::less<>> landmarks;
    for (std::size_t i = header + 1; i < lines.size(); ++i) {
        const auto words = words_of(lines[i].text);
        Landmarks points = points_from(words, columns);
        if (!points.empty()) landmarks.emplace(lower_case(words[0]), std::move(points));
    }
    return landmarks;
}

CelebA::CelebA(const DatasetOptions& options) : PictureList(read_celeba(options.root), options.split) {}

}  // namespace affectsr
