#include "affectsr/data/helen.h"

#include <unordered_map>
#include <unordered_set>

#include "affectsr/base/text.h"
#include "affectsr/data/folder_index.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTestWithoutList = 50;  // FSRNet, sec. 4.1

struct Place {
    std::string split;
    std::int64_t row = 0;
    std::size_t list = 0;
};
using Places = std::unordered_map<std::string, Place>;

std::string without_extension(std::string_view name) {
    return lower_case(fs::path(name).stem().string());
}

void add_names(PictureListContent& content, Places& places, const fs::path& list, const char* split) {
    const ListText text = read_list(list);
    content.card.sha256 = sha256_of(content.card.sha256 + text.sha256());
    content.lists.push_back(list);
    for (const TextLine& line : lines_of(text.view())) {
        places.emplace(without_extension(line.text), Place{split, line.number, content.lists.size() - 1});
    }
}

PictureListContent read_helen(const fs::path& root) {
    expect_folder(root, "helen");
    PictureListContent content;
    content.card.name = "helen";
    content.card.source = "Le et al. 2012, Interactive Facial Feature Localization (Helen)";
    content.card.licence = "non-commercial research; the pictures belong to third parties";
    const FolderIndex index(root);
    content.note_walk(index);
    Places places;
    if (const auto list = index.find_file({"trainnames.txt"})) add_names(content, places, *list, "train");
    if (const auto list = index.find_file({"testnames.txt"})) add_names(content, places, *list, "test");
    const bool listed = !places.empty();
    if (!listed) content.card.sha256 = index.sha256();
    const std::size_t count = index.pictures().size();
    std::unordered_set<std::string> found;
    for (std::size_t i = 0; i < count; ++i) {
        const fs::path& file = index.pictures()[i];
        ListedPicture picture;
        picture.info.path = root / file;
        picture.info.split = i + kTestWithoutList >= count ? "test" : "train";
        if (listed) {
            const auto place = places.find(without_extension(file.filename().string()));
            if (place == places.end()) {
                content.skip((root / file).string(), "neither trainnames.txt nor testnames.txt names it");
                continue;
            }
            found.insert(place->first);
            picture.info.split = place->second.split;
            picture.info.row = place->second.row;
            picture.list = place->second.list;
        }
        content.pictures.push_back(std::move(picture));
    }
    for (const auto& [name, place] : places) {
        if (!found.contains(name))
            content.skip(content.lists[place.list].string() + " line " + std::to_string(place.row),
                         "there is no picture \"" + name + "\"");
    }
    return content;
}

}  // namespace

Helen::Helen(const DatasetOptions& options) : PictureList(read_helen(options.root), options.split) {}

}  // namespace affectsr
