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
    content.note_walk(index, split);
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

// Also if the class folders are only links that lead nowhere: FolderIndex notes them. A folder that cannot be read may
// be a split, and is noted here.
bool has_class_folder(PictureListContent& content, const fs::path& folder, const std::string& split,
                      const ClassOfFolder& class_of) {
    std::vector<Unreadable> notes;
    std::vector<std::string> names = folders_in(folder, notes);
    for (const Unreadable& note : notes) {
        if (note.path == folder)
            content.note_unreadable({note}, split);
        else
            names.push_back(note.path.filename().string());
    }
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return class_of(name).has_value(); });
}

}  // namespace

void add_class_folders(PictureListContent& content, const fs::path& root, const ClassOfFolder& class_of) {
    std::string listing;
    for (const std::string& split : folders_in(root, content.card.unreadable)) {
        if (has_class_folder(content, root / split, split, class_of))
            add_split(content, root / split, split, class_of, listing);
    }
    content.card.sha256 = sha256_of(listing);
}

}  // namespace affectsr
