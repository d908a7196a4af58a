#include "affectsr/data/lfw.h"

#include <unordered_map>

#include "affectsr/data/folder_index.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

using SplitOfPerson = std::unordered_map<std::string, std::string>;

void add_people(PictureListContent& content, SplitOfPerson& split_of, const fs::path& list, const char* split) {
    const ListText text = read_list(list);
    content.card.sha256 = sha256_of(content.card.sha256 + text.sha256());
    for (const TextLine& line : lines_of(text.view())) {
        const auto words = words_of(line.text);
        if (!whole_number(words.front())) split_of.emplace(words.front(), split);  // the first line is a count
    }
}

bool is_picture_of(const std::string& person, const fs::path& file) {
    const std::string stem = file.stem().string();
    const std::size_t number_from = person.size() + 1;
    return !person.empty() && stem.size() > number_from && stem.starts_with(person + "_") &&
           whole_number(std::string_view(stem).substr(number_from)).has_value();
}

PictureListContent read_lfw(const fs::path& root) {
    expect_folder(root, "lfw");
    PictureListContent content;
    content.card.name = "lfw";
    content.card.source = "Huang et al. 2007, Labeled Faces in the Wild, UMass Amherst technical report 07-49";
    content.card.licence = "research use; the pictures belong to third parties";
    const FolderIndex index(root);
    content.card.sha256 = index.sha256();
    content.note_walk(index);
    SplitOfPerson split_of;
    if (const auto list = index.find_file({"peopleDevTrain.txt"})) add_people(content, split_of, *list, "train");
    if (const auto list = index.find_file({"peopleDevTest.txt"})) add_people(content, split_of, *list, "test");
    for (const fs::path& file : index.pictures()) {
        const std::string person = file.parent_path().filename().string();
        if (!is_picture_of(person, file)) {
            content.skip((root / file).string(), "it is not PERSON/PERSON_0001.jpg");
            continue;
        }
        ListedPicture picture;
        picture.info.path = root / file;
        picture.info.subject = person;
        const auto split = split_of.find(person);
        if (split != split_of.end()) picture.info.split = split->second;
        content.pictures.push_back(std::move(picture));
    }
    return content;
}

}  // namespace

Lfw::Lfw(const DatasetOptions& options) : PictureList(read_lfw(options.root), options.split) {}

}  // namespace affectsr
