#include "affectsr/data/jaffe.h"

#include <algorithm>

#include "affectsr/data/folder_index.h"
#include "affectsr/data/source_labels.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

PictureListContent read_jaffe(const fs::path& root) {
    expect_folder(root, "jaffe");
    PictureListContent content;
    content.card.name = "jaffe";
    content.card.source = "Lyons et al. 1998, Coding Facial Expressions with Gabor Wavelets (JAFFE)";
    content.card.licence = "non-commercial research; not to be passed on";
    const FolderIndex index(root);
    content.card.sha256 = index.sha256();
    content.note_walk(index);
    for (const fs::path& file : index.pictures()) {
        const auto name = jaffe_name(file.filename().string());
        if (!name) {
            content.skip((root / file).string(), "its name is none of JAFFE");
            continue;
        }
        ListedPicture picture;
        picture.info.path = root / file;
        picture.info.label = name->emotion;
        picture.info.subject = name->person;
        content.pictures.push_back(std::move(picture));
    }
    return content;
}

}  // namespace

std::optional<JaffeName> jaffe_name(std::string_view file_name) {
    // person . emotion and index . number . extension
    const std::string name(trimmed(file_name));
    const std::size_t first = name.find('.');
    if (first != 2 || name.size() < 8) return std::nullopt;
    const std::size_t second = name.find('.', first + 1);
    if (second == std::string::npos) return std::nullopt;
    const std::size_t third = name.find('.', second + 1);
    if (third == std::string::npos) return std::nullopt;
    const std::string_view whole = name;
    const std::string_view middle = whole.substr(first + 1, second - first - 1);
    if (middle.size() < 3) return std::nullopt;
    const auto emotion = jaffe_emotion(middle.substr(0, 2));
    const auto index = whole_number(middle.substr(2)),
               number = whole_number(whole.substr(second + 1, third - second - 1));
    const auto small = [](const std::optional<std::int64_t>& value) { return value && *value >= 0 && *value < 10000; };
    if (!emotion || !small(index) || !small(number)) return std::nullopt;
    JaffeName read{name.substr(0, 2), *emotion, static_cast<int>(*index), static_cast<int>(*number)};
    for (char& c : read.person) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return read;
}

Jaffe::Jaffe(const DatasetOptions& options) : PictureList(read_jaffe(options.root), options.split) {}

}  // namespace affectsr
