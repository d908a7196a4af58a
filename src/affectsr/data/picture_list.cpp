#include "affectsr/data/picture_list.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "affectsr/base/error.h"
#include "affectsr/base/log.h"
#include "affectsr/data/csv.h"
#include "affectsr/image/codec.h"
#include "affectsr/net/model_file.h"

namespace affectsr {
namespace {

// fer2013.csv has 301 MB; no list of a known data set is longer.
constexpr std::int64_t kMostListBytes = 1ll << 30;

Image cut_box(const Image& picture, const Box& box, const std::string& where) {
    const int left = std::max(0, static_cast<int>(std::lround(box.x)));
    const int top = std::max(0, static_cast<int>(std::lround(box.y)));
    const int right = std::min(picture.width, static_cast<int>(std::lround(box.x + box.width)));
    const int bottom = std::min(picture.height, static_cast<int>(std::lround(box.y + box.height)));
    if (left >= right || top >= bottom) {
        throw InputError("dataset_unreadable", where + "the face box lies outside the picture of " +
                                                   std::to_string(picture.width) + "x" +
                                                   std::to_string(picture.height));
    }
    Image face(right - left, bottom - top);
    for (int y = top; y < bottom; ++y) std::copy_n(picture.pixel(left, y), face.width * 3, face.pixel(0, y - top));
    return face;
}

}  // namespace

PictureList::PictureList(PictureListContent content, const std::string& split)
    : card_(std::move(content.card)), list_(std::move(content.list)), pictures_(std::move(content.pictures)) {
    if (pictures_.empty()) {
        const std::string skipped =
            card_.skipped > 0 ? " (" + std::to_string(card_.skipped) + " rows cannot be used)" : std::string();
        throw InputError("dataset_unreadable", (list_.empty() ? "data set \"" + card_.name + "\"" : list_.string()) +
                                                   ": names no picture" + skipped);
    }
    card_.splits = splits_of(pictures_);
    if (card_.skipped > 0) {
        log(LogLevel::warning,
            card_.name + ": " + std::to_string(card_.skipped) + " rows cannot be used and were skipped");
    }
    if (trimmed(split).empty()) return;
    const std::string wanted = matching_split(card_.splits, split, card_.name);
    std::erase_if(pictures_, [&](const ListedPicture& picture) { return picture.info.split != wanted; });
    pictures_.shrink_to_fit();
}

const SampleInfo& PictureList::info(std::size_t i) const {
    AFFECTSR_EXPECT(i < pictures_.size(), "sample " + std::to_string(i) + " of " + std::to_string(pictures_.size()));
    return pictures_[i].info;
}

Sample PictureList::at(std::size_t i) const {
    Sample sample;
    sample.info = info(i);
    const std::string where =
        list_.empty() ? card_.name + ": " : list_.string() + " line " + std::to_string(sample.info.row) + ": ";
    try {
        sample.picture = read_image(sample.info.path);
    } catch (const InputError& error) {
        const std::string what = error.what();
        const std::string path = sample.info.path.string();
        const bool named = what.find(path) != std::string::npos;
        throw InputError(error.code(), where + (named ? what : path + ": " + what));
    }
    if (const auto& box = pictures_[i].face_in_picture) {
        sample.picture = cut_box(sample.picture, *box, where + sample.info.path.string() + ": ");
    }
    sample.landmarks_in_picture = pictures_[i].landmarks_in_picture;
    return sample;
}

std::vector<std::string> splits_of(const std::vector<ListedPicture>& pictures) {
    std::vector<std::string> splits;
    for (const ListedPicture& picture : pictures) {
        const std::string& split = picture.info.split;
        if (!split.empty() && std::find(splits.begin(), splits.end(), split) == splits.end()) splits.push_back(split);
    }
    return splits;
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

std::string read_list(const std::filesystem::path& path) {
    try {
        const std::vector<std::uint8_t> bytes = read_bytes(path, kMostListBytes);
        return {bytes.begin(), bytes.end()};
    } catch (const InputError& error) {
        const std::string what = error.what();
        const bool named = what.find(path.string()) != std::string::npos;
        throw InputError("dataset_unreadable", "cannot read the list: " + (named ? what : path.string() + ": " + what));
    }
}

std::string sha256_of(std::string_view text) {
    return sha256_hex(std::as_bytes(std::span(text.data(), text.size())));
}

void expect_folder(const std::filesystem::path& root, const std::string& name) {
    if (root.empty()) throw UsageError("data set \"" + name + "\" needs the setting root: the folder of your copy");
    std::error_code error;
    if (!std::filesystem::is_directory(root, error)) {
        throw InputError("dataset_unreadable",
                         root.string() + ": no such folder; give root the folder of your copy of \"" + name + "\"");
    }
}

void skip(DatasetCard& card, const std::string& where, const std::string& why) {
    ++card.skipped;
    log(LogLevel::info, where + ": skipped: " + why);
}

}  // namespace affectsr
