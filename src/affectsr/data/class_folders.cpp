#include "affectsr/data/class_folders.h"

#include <algorithm>

#include "affectsr/data/folder_index.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

void add_split(PictureListContent& content, const fs::path& folder, const std::string& split,
               const ClassOfFolder& class_of, std::string& listing) {
    const FolderIndex index(folder);
    for (const fs::path& picture : index.foreign_pictures()) {
        content.skip((folder / picture).string(), "this picture format is not read; convert it to PNG");
    }
    for (const fs::path& picture : index.pictures()) {
        const std::string class_folder = picture.has_parent_path() ? picture.begin()->string() : "";
        const std::optional<Emotion> label = class_of(class_folder);
        if (!label) {
            content.skip((folder / picture).string(), "its folder names no known emotion");
            continue;
        }
        ListedPicture listed;
        listed.info.path = folder / picture;
        listed.info.label = label;
        listed.info.split = split;
        content.pictures.push_back(std::move(listed));
        listing += split + "/" + picture.generic_string() + "\n";
    }
}

}  // namespace

void add_class_folders(PictureListContent& content, const fs::path& root, const ClassOfFolder& class_of) {
    std::string listing;
    for (const std::string& split : folders_in(root)) {
        const std::vector<std::string> classes = folders_in(root / split);
        const bool has_class = std::any_of(classes.begin(), classes.end(),
                                           [&](const std::string& name) { return class_of(name).has_value(); });
        if (has_class) add_split(content, root / split, split, class_of, listing);
    }
    content.card.sha256 = sha256_of(listing);
}

}  // namespace affectsr
