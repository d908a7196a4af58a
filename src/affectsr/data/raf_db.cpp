#include "affectsr/data/raf_db.h"

#include <unordered_set>

#include "affectsr/base/error.h"
#include "affectsr/base/text.h"
#include "affectsr/data/class_folders.h"
#include "affectsr/data/folder_index.h"
#include "affectsr/data/source_labels.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

std::optional<Emotion> class_of(std::string_view folder) {
    const auto number = whole_number(folder);
    return number ? emotion_of(LabelSet::raf_db, *number) : emotion_from(folder);
}

// "train" of "train_00001.jpg"; empty for a name of neither split.
std::string split_of(std::string_view name) {
    const std::string lower = lower_case(name);
    for (const char* split : {"train", "test"}) {
        if (lower.starts_with(std::string(split) + "_") && stays_inside(fs::path(lower))) return split;
    }
    return {};
}

// "train_00001.jpg", also where a copy's list says "train_00001_aligned.jpg".
fs::path listed_name(std::string_view word) {
    constexpr std::string_view kAligned = "_aligned";
    const fs::path name(word);
    std::string stem = name.stem().string();
    if (lower_case(stem).ends_with(kAligned)) stem.resize(stem.size() - kAligned.size());
    return stem + name.extension().string();
}

std::string picture_name(const fs::path& name, bool aligned) {
    return aligned ? name.stem().string() + "_aligned" + name.extension().string() : name.string();
}

void add_list(PictureListContent& content, const fs::path& list, bool aligned) {
    const ListText text = read_list(list);
    content.card.sha256 = text.sha256();
    content.lists = {list};
    const bool in_folder = lower_case(list.parent_path().filename().string()) == "emolabel";
    const fs::path basic = in_folder ? list.parent_path().parent_path() : list.parent_path();
    const fs::path image = find_folder(basic, "Image", content.card.unreadable, 1).value_or(basic / "Image");
    const char* kind = aligned ? "aligned" : "original";
    PictureFinder finder(find_folder(image, kind, content.card.unreadable, 1).value_or(image / kind));
    std::unordered_set<std::string> seen;
    for (const TextLine& line : lines_of(text.view())) {
        const auto words = words_of(line.text);
        const std::string where = list.string() + " line " + std::to_string(line.number);
        const std::string split = split_of(words.front());
        const fs::path name = listed_name(words.front());
        const auto number = words.size() == 2 ? whole_number(words[1]) : std::nullopt;
        const auto label = number ? emotion_of(LabelSet::raf_db, *number) : std::nullopt;
        if (split.empty() || !label) {
            content.skip(where, "it is not train_… or test_… and a label from 1 to 7");
        } else if (!seen.insert(lower_case(name.native())).second) {
            content.skip(where, "it names a picture for the second time");
        } else {
            ListedPicture picture;
            picture.info.path = finder.find(picture_name(name, aligned));
            picture.info.row = line.number;
            picture.info.label = label;
            picture.info.split = split;
            content.pictures.push_back(std::move(picture));
        }
    }
    finder.warn_of_missing(list);
    content.note_unreadable(finder.unreadable());
}

PictureListContent read_raf_db(const RafDbOptions& options) {
    expect_folder(options.root, "raf_db");
    PictureListContent content;
    content.card.name = "raf_db";
    content.card.source =
        "Li et al. 2017, Reliable Crowdsourcing and Deep Locality-Preserving Learning (RAF-DB, basic)";
    content.card.licence = "non-commercial research; not to be passed on";
    const FolderIndex index(options.root);
    content.note_unreadable(index.unreadable());
    if (const auto list = index.find_file({"list_patition_label.txt", "list_partition_label.txt"})) {
        add_list(content, *list, options.pictures == "aligned");
        return content;
    }
    if (options.pictures != "aligned") {
        throw UsageError("RAF-DB at " + options.root.string() +
                         " has class folders only: pictures must be \"aligned\"");
    }
    const auto below = find_folder(options.root, "DATASET", content.card.unreadable, 1);
    add_class_folders(content, below.value_or(options.root), class_of);
    if (content.pictures.empty()) {
        throw InputError("dataset_unreadable",
                         options.root.string() +
                             ": has neither EmoLabel/list_patition_label.txt nor folders train/1 … "
                             "test/7; give root the folder of your copy of RAF-DB" +
                             and_not_entered(index));
    }
    return content;
}

}  // namespace

std::optional<RafDbAttributes> raf_db_attributes(std::string_view text) {
    constexpr std::size_t kPoints = 5;
    const std::vector<TextLine> lines = lines_of(text);
    if (lines.size() != kPoints + 3) return std::nullopt;
    RafDbAttributes attributes;
    for (std::size_t i = 0; i < kPoints; ++i) {
        const auto words = words_of(lines[i].text);
        if (words.size() != 2) return std::nullopt;
        const auto x = decimal_number(words[0]), y = decimal_number(words[1]);
        if (!x || !y) return std::nullopt;
        attributes.landmarks_in_original.push_back({static_cast<float>(*x), static_cast<float>(*y)});
    }
    const auto gender = whole_number(lines[5].text), race = whole_number(lines[6].text),
               age = whole_number(lines[7].text);
    const auto within = [](const std::optional<std::int64_t>& value, int most) {
        return value && *value >= 0 && *value <= most;
    };
    if (!within(gender, 2) || !within(race, 2) || !within(age, 4)) return std::nullopt;
    attributes.gender = static_cast<int>(*gender);
    attributes.race = static_cast<int>(*race);
    attributes.age_group = static_cast<int>(*age);
    return attributes;
}

RafDb::RafDb(const RafDbOptions& options)
    : PictureList(read_raf_db(options), options.split), has_landmarks_(options.pictures == "original") {}

Sample RafDb::at(std::size_t i) const {
    Sample sample = PictureList::at(i);
    if (!has_landmarks_) return sample;
    // …/Image/original/x.jpg → …/Annotation/manual/x_manu_attri.txt
    const fs::path& picture = sample.info.path;
    const fs::path list = picture.parent_path().parent_path().parent_path() / "Annotation" / "manual" /
                          (picture.stem().string() + "_manu_attri.txt");
    std::error_code error;
    if (!fs::exists(list, error)) return sample;
    const ListText text = read_list(list);
    const auto attributes = raf_db_attributes(text.view());
    if (!attributes) {
        throw InputError("dataset_unreadable", list.string() + ": is not five lines of two numbers and three of one");
    }
    sample.landmarks_in_picture = attributes->landmarks_in_original;
    return sample;
}

}  // namespace affectsr
