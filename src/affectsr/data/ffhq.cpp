#include "affectsr/data/ffhq.h"

#include <algorithm>

#include "affectsr/data/folder_index.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kPictures = 70'000, kTraining = 60'000;

fs::path picture_folder(const fs::path& root, std::vector<Unreadable>& unreadable) {
    for (const char* name : {"thumbnails128x128", "images1024x1024"}) {
        if (const auto folder = find_folder(root, name, unreadable, 2)) return *folder;
    }
    return root;
}

std::optional<std::int64_t> number_of(const fs::path& file) {
    const std::string stem = file.stem().string();
    const bool digits = std::all_of(stem.begin(), stem.end(), [](char c) { return c >= '0' && c <= '9'; });
    const auto number = digits ? whole_number(stem) : std::nullopt;
    return number && *number < kPictures ? number : std::nullopt;
}

PictureListContent read_ffhq(const fs::path& root) {
    expect_folder(root, "ffhq");
    PictureListContent content;
    content.card.name = "ffhq";
    content.card.source = "Karras et al. 2019, A Style-Based Generator Architecture (FFHQ), arXiv:1812.04948";
    content.card.licence = "CC BY-NC-SA 4.0 for the set; each picture has its own";
    const fs::path folder = picture_folder(root, content.card.unreadable);
    const FolderIndex index(folder);
    content.card.sha256 = index.sha256();
    content.note_walk(index);
    for (const fs::path& file : index.pictures()) {
        const auto number = number_of(file);
        if (!number) {
            content.skip((folder / file).string(), "its name is no number below 70000");
            continue;
        }
        ListedPicture picture;
        picture.info.path = folder / file;
        picture.info.split = *number < kTraining ? "training" : "validation";
        content.pictures.push_back(std::move(picture));
    }
    return content;
}

}  // namespace

Ffhq::Ffhq(const DatasetOptions& options) : PictureList(read_ffhq(options.root), options.split) {}

}  // namespace affectsr
