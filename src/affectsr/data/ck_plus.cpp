#include "affectsr/data/ck_plus.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "affectsr/base/error.h"
#include "affectsr/base/text.h"
#include "affectsr/data/folder_index.h"
#include "affectsr/data/source_labels.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

// The label beside which frame it stands does not matter: one file per sequence.
std::optional<Emotion> label_of_sequence(const fs::path& folder, std::vector<Unreadable>& unreadable) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = lower_case(entry->path().filename().string());
        if (name.ends_with("_emotion.txt") && !name.starts_with('.')) files.push_back(entry->path());
    }
    // Most sequences have no label, hence no folder of that name.
    if (error && error != std::errc::no_such_file_or_directory) note_unreadable(unreadable, folder, error.message());
    if (files.empty()) return std::nullopt;
    return ck_plus_label(read_list(*std::min_element(files.begin(), files.end())).view());
}

void add_frame(PictureListContent& content, const fs::path& frame, Emotion label, const std::string& subject) {
    ListedPicture picture;
    picture.info.path = frame;
    picture.info.label = label;
    picture.info.subject = subject;
    content.pictures.push_back(std::move(picture));
}

PictureListContent read_ck_plus(const CkPlusOptions& options) {
    expect_folder(options.root, "ck_plus");
    PictureListContent content;
    content.card.name = "ck_plus";
    content.card.source = "Lucey et al. 2010, The Extended Cohn-Kanade Dataset (CK+)";
    content.card.licence = "research use under its agreement; not to be passed on";
    std::vector<Unreadable>& unreadable = content.card.unreadable;
    const fs::path images = find_folder(options.root, "cohn-kanade-images", unreadable).value_or(options.root);
    const auto labels = find_folder(options.root, "Emotion", unreadable);
    if (!labels) {
        const std::string not_entered = account_of(unreadable);
        throw InputError("dataset_unreadable", options.root.string() + ": has no folder Emotion with the labels" +
                                                   (not_entered.empty() ? "" : "; " + not_entered));
    }
    const FolderIndex index(images);
    content.note_walk(index);
    content.card.sha256 = index.sha256();
    std::map<fs::path, std::vector<fs::path>> frames_of;  // sequence folder → its frames, sorted as the index is
    for (const fs::path& file : index.pictures()) frames_of[file.parent_path()].push_back(file);
    for (const auto& [sequence, frames] : frames_of) {
        const auto label = sequence.empty() ? std::nullopt : label_of_sequence(*labels / sequence, unreadable);
        if (!label) {
            content.skip((images / sequence).string(), "the sequence has no label", std::ssize(frames));
            continue;
        }
        const std::string subject = sequence.begin()->string();
        const std::size_t peak = std::min(frames.size(), static_cast<std::size_t>(options.peak_frames));
        const std::size_t first_peak = frames.size() - peak;
        if (options.first_as_neutral && first_peak > 0)
            add_frame(content, images / frames[0], Emotion::neutral, subject);
        for (std::size_t i = first_peak; i < frames.size(); ++i)
            add_frame(content, images / frames[i], *label, subject);
    }
    return content;
}

}  // namespace

std::optional<Emotion> ck_plus_label(std::string_view text) {
    const auto number = decimal_number(trimmed(without_bom(text)));
    if (!number || *number != std::floor(*number) || std::abs(*number) > 100) return std::nullopt;
    return emotion_of(LabelSet::ck_plus, static_cast<std::int64_t>(*number));
}

CkPlus::CkPlus(const CkPlusOptions& options) : PictureList(read_ck_plus(options), options.split) {}

}  // namespace affectsr
