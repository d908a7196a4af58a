#include "affectsr/data/picture_list.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

#include "affectsr/base/error.h"
#include "affectsr/base/log.h"
#include "affectsr/base/text.h"
#include "affectsr/data/folder_index.h"
#include "affectsr/data/split.h"
#include "affectsr/data/text_list.h"
#include "affectsr/image/codec.h"

namespace affectsr {
namespace {

Image cut_box(const Image& picture, const Box& box, const std::string& where) {
    const auto edge = [](float value, int most) {
        return static_cast<int>(std::lround(std::clamp(value, 0.0f, static_cast<float>(most))));
    };
    const int left = edge(box.x, picture.width), right = edge(box.x + box.width, picture.width);
    const int top = edge(box.y, picture.height), bottom = edge(box.y + box.height, picture.height);
    if (left >= right || top >= bottom) {
        throw InputError("dataset_unreadable", where + "the face box lies outside the picture of " +
                                                   std::to_string(picture.width) + "x" +
                                                   std::to_string(picture.height));
    }
    Image face(right - left, bottom - top);
    for (int y = top; y < bottom; ++y) std::copy_n(picture.pixel(left, y), face.width * 3, face.pixel(0, y - top));
    return face;
}

// In the order in which they first appear.
std::vector<std::string> splits_of(const std::vector<ListedPicture>& pictures) {
    std::vector<std::string> splits;
    std::set<std::string> seen;
    for (const ListedPicture& picture : pictures) {
        const std::string& split = picture.info.split;
        if (!split.empty() && seen.insert(split).second) splits.push_back(split);
    }
    return splits;
}

void each_path_once(std::vector<Unreadable>& unreadable) {
    std::set<std::string> seen;
    std::erase_if(unreadable, [&](const Unreadable& one) { return !seen.insert(one.path.native()).second; });
}

// A picture that stands twice counts twice, in training and in every figure; with two labels it cannot be right twice.
// A box of its own makes each face of a photo another sample.
void warn_of_repeated_pictures(const std::string& name, const std::vector<ListedPicture>& pictures) {
    std::map<std::string_view, const ListedPicture*> seen;
    const ListedPicture* first = nullptr;
    std::int64_t repeated = 0, other_label = 0;
    for (const ListedPicture& picture : pictures) {
        if (picture.face_in_picture) continue;
        const auto [place, is_new] = seen.emplace(picture.info.path.native(), &picture);
        if (is_new) continue;
        if (repeated++ == 0) first = &picture;
        if (place->second->info.label != picture.info.label) ++other_label;
    }
    if (repeated == 0) return;
    log(LogLevel::warning, name + ": " + std::to_string(repeated) + " rows name a picture that an earlier row names (" +
                               std::to_string(other_label) + " with another label), the first is " +
                               first->info.path.string() + "; each counts again");
}

// Figures on people seen in training are too good.
void warn_of_shared_subjects(const PictureList& all) {
    const std::vector<std::string> shared = subjects_in_several_splits(all);
    if (shared.empty()) return;
    log(LogLevel::warning, all.card().name + ": subjects in more than one split: " + std::to_string(shared.size()) +
                               ", the first is \"" + shared.front() +
                               "\"; figures of one split on a model trained on another are too good");
}

}  // namespace

void PictureListContent::skip(const std::string& where, const std::string& why, std::int64_t rows) {
    card.skipped += rows;
    log(LogLevel::info, where + ": skipped" + (rows == 1 ? "" : " " + std::to_string(rows)) + ": " + why);
}

void PictureListContent::note_walk(const FolderIndex& index, const std::string& split) {
    for (const std::filesystem::path& picture : index.foreign_pictures())
        skip((index.root() / picture).string(), "this picture format is not read; convert it to PNG");
    note_unreadable(index.unreadable(), split);
}

void PictureListContent::note_unreadable(const std::vector<Unreadable>& found, const std::string& split) {
    for (const Unreadable& note : found) card.unreadable.push_back({note.path, note.reason, split});
}

PictureList::PictureList(PictureListContent content, const std::string& split)
    : card_(std::move(content.card)), lists_(std::move(content.lists)), pictures_(std::move(content.pictures)) {
    each_path_once(card_.unreadable);
    const std::string not_entered = account_of(card_.unreadable);
    if (pictures_.empty()) {
        const std::string skipped =
            card_.skipped > 0 ? " that can be used (" + std::to_string(card_.skipped) + " were skipped)" : "";
        const std::string name = lists_.empty() ? "data set \"" + card_.name + "\"" : lists_.front().string();
        throw InputError("dataset_unreadable",
                         name + ": has no picture" + skipped + (not_entered.empty() ? "" : "; " + not_entered));
    }
    card_.splits = splits_of(pictures_);
    card_.listed = std::ssize(pictures_) + card_.skipped;
    warn_of_shared_subjects(*this);
    warn_of_repeated_pictures(card_.name, pictures_);
    if (card_.skipped > 0) {
        log(LogLevel::warning,
            card_.name + ": " + std::to_string(card_.skipped) + " rows or files cannot be used and were skipped");
    }
    if (!trimmed(split).empty()) keep_split(split);
    if (!card_.unreadable.empty()) {
        log(LogLevel::warning, card_.name + ": " + account_of(card_.unreadable) + "; faces in there are missing");
    }
}

void PictureList::keep_split(const std::string& split) {
    const auto is_it = [&](const std::string& known) { return lower_case(known) == lower_case(trimmed(split)); };
    if (!card_.unreadable.empty() && std::none_of(card_.splits.begin(), card_.splits.end(), is_it)) {
        throw InputError("dataset_unreadable", "data set \"" + card_.name + "\": no split \"" + split +
                                                   "\" was found, and " + account_of(card_.unreadable));
    }
    const std::string wanted = matching_split(card_.splits, split, card_.name);
    std::erase_if(pictures_, [&](const ListedPicture& picture) { return picture.info.split != wanted; });
    std::erase_if(card_.unreadable, [&](const Unreadable& one) { return !one.split.empty() && one.split != wanted; });
    pictures_.shrink_to_fit();
}

const SampleInfo& PictureList::info(std::size_t i) const {
    AFFECTSR_EXPECT(i < pictures_.size(), "sample " + std::to_string(i) + " of " + std::to_string(pictures_.size()));
    return pictures_[i].info;
}

Sample PictureList::at(std::size_t i) const {
    Sample sample;
    sample.info = info(i);
    const ListedPicture& listed = pictures_[i];
    const std::string path = listed.info.path.string();
    try {
        sample.picture = read_image(listed.info.path);
    } catch (const InputError& error) {
        const std::string what = error.what();
        const bool named = what.find(path) != std::string::npos;
        throw InputError(error.code(), where(listed) + (named ? what : path + ": " + what));
    }
    if (listed.face_in_picture) {
        sample.picture = cut_box(sample.picture, *listed.face_in_picture, where(listed) + path + ": ");
    }
    sample.landmarks_in_picture = listed.landmarks_in_picture;
    return sample;
}

std::string PictureList::where(const ListedPicture& picture) const {
    if (picture.list >= lists_.size()) return card_.name + ": ";
    return lists_[picture.list].string() + " line " + std::to_string(picture.info.row) + ": ";
}

std::string matching_split(const std::vector<std::string>& splits, const std::string& wanted, const std::string& name) {
    std::string known;
    for (const std::string& split : splits) {
        if (lower_case(split) == lower_case(trimmed(wanted))) return split;
        known += (known.empty() ? "" : ", ") + split;
    }
    throw UsageError("data set \"" + name + "\" has no split \"" + wanted + "\"; " +
                         (known.empty() ? "it names none: leave the split empty" : "it has: " + known),
                     "unknown_split");
}

void expect_folder(const std::filesystem::path& root, const std::string& name) {
    if (root.empty()) throw UsageError("data set \"" + name + "\" needs the setting root: the folder of your copy");
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(root, error);
    if (status.type() == std::filesystem::file_type::directory) return;
    const std::string why = status.type() == std::filesystem::file_type::none ? error.message() : "no such folder";
    throw InputError("dataset_unreadable",
                     root.string() + ": " + why + "; give root the folder of your copy of \"" + name + "\"");
}

}  // namespace affectsr
