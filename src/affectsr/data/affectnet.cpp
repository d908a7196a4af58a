#include "affectsr/data/affectnet.h"

#include <cmath>
#include <cstring>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/data/csv.h"
#include "affectsr/data/folder_index.h"
#include "affectsr/data/source_labels.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

// The text of 'key': in the header, which is a Python dictionary.
std::string_view value_of(std::string_view header, std::string_view key) {
    const std::size_t place = header.find(key);
    if (place == std::string_view::npos) return {};
    const std::size_t colon = header.find(':', place);
    if (colon == std::string_view::npos) return {};
    return trimmed(header.substr(colon + 1));
}

// NumPy keeps a string as UCS-4 (U) or bytes (S), filled up with zeros; a number needs only ASCII.
std::optional<double> number_in_text(std::span<const std::uint8_t> data, std::size_t step) {
    std::string text;
    for (std::size_t i = 0; i < data.size(); i += step) {
        if (data[i] != 0) text += static_cast<char>(data[i]);
    }
    return decimal_number(trimmed(text));
}

template <class Number>
std::optional<double> stored_number(std::span<const std::uint8_t> data) {
    if (data.size() != sizeof(Number)) return std::nullopt;
    Number value;
    std::memcpy(&value, data.data(), sizeof value);
    return static_cast<double>(value);
}

std::optional<Emotion> label_from(std::optional<double> number) {
    if (!number || *number != std::floor(*number) || std::abs(*number) > 100) return std::nullopt;
    return emotion_of(LabelSet::affectnet, static_cast<std::int64_t>(*number));
}

std::optional<Emotion> label_in_npy(const fs::path& file, std::vector<Unreadable>& unreadable) {
    if (!is_there(file, unreadable)) return std::nullopt;
    constexpr std::int64_t kMostBytes = 64 << 10;  // of a file that holds one number
    return label_from(npy_number(read_bytes(file, kMostBytes)));
}

void add_reduced(PictureListContent& content, const fs::path& folder, const char* split) {
    const fs::path images = folder / "images";
    const FolderIndex index(images);
    content.card.sha256 = sha256_of(content.card.sha256 + index.sha256());
    content.note_walk(index, split);
    for (const fs::path& file : index.pictures()) {
        const auto label =
            label_in_npy(folder / "annotations" / (file.stem().string() + "_exp.npy"), content.card.unreadable);
        if (!label) {
            content.skip((images / file).string(), "its annotation is missing or names none of the eight emotions");
            continue;
        }
        ListedPicture picture;
        picture.info.path = images / file;
        picture.info.label = label;
        picture.info.split = split;
        content.pictures.push_back(std::move(picture));
    }
}

void add_full(PictureListContent& content, const fs::path& list, const char* split) {
    const ListText text = read_list(list);
    content.card.sha256 = sha256_of(content.card.sha256 + text.sha256());
    content.lists.push_back(list);
    // The pictures lie beside the list, or in the folder that the release unpacks to.
    const auto pictures = find_folder(list.parent_path(), "Manually_Annotated_Images", content.card.unreadable, 2);
    PictureFinder finder(pictures.value_or(list.parent_path()));
    CsvReader reader(text.view(), list.string());
    CsvRow row;
    if (!reader.next(row)) throw InputError("dataset_unreadable", list.string() + ": is empty");
    const CsvHeader header(row, list.string());
    const std::size_t path = header.require("subDirectory_filePath"), expression = header.require("expression");
    while (reader.next(row)) {
        const auto label = label_from(decimal_number(cell_of(row, expression)));
        const fs::path name(cell_of(row, path));
        if (!label || !stays_inside(name)) {
            content.skip(list.string() + " line " + std::to_string(row.line), "it names none of the eight emotions");
            continue;
        }
        ListedPicture picture;
        picture.info.path = finder.find(name.native());
        picture.info.row = row.line;
        picture.info.label = label;
        picture.info.split = split;
        picture.list = content.lists.size() - 1;
        content.pictures.push_back(std::move(picture));
    }
    finder.warn_of_missing(list);
    content.note_unreadable(finder.unreadable());
}

PictureListContent read_affectnet(const fs::path& root) {
    expect_folder(root, "affectnet");
    PictureListContent content;
    content.card.name = "affectnet";
    content.card.source = "Mollahosseini et al. 2017, AffectNet, arXiv:1708.03985";
    content.card.licence = "non-commercial research; not to be passed on";
    bool reduced = false;
    for (const char* split : {"train", "val"}) {
        const auto folder = find_folder(root, std::string(split) + "_set", content.card.unreadable, 2);
        if (!folder || !is_there(*folder / "images", content.card.unreadable)) continue;
        add_reduced(content, *folder, split);
        reduced = true;
    }
    if (reduced) return content;
    const FolderIndex index(root);
    content.note_unreadable(index.unreadable());
    const auto training = index.find_file({"training.csv"}), validation = index.find_file({"validation.csv"});
    if (training) add_full(content, *training, "training");
    if (validation) add_full(content, *validation, "validation");
    if (!training && !validation) {
        throw InputError("dataset_unreadable",
                         root.string() +
                             ": has neither train_set/images, val_set/images nor training.csv, validation.csv" +
                             and_not_entered(index));
    }
    return content;
}

}  // namespace

std::optional<double> npy_number(std::span<const std::uint8_t> file) {
    constexpr std::string_view kMagic = "\x93NUMPY";
    if (file.size() < 12 || std::memcmp(file.data(), kMagic.data(), kMagic.size()) != 0) return std::nullopt;
    const bool short_length = file[6] == 1;  // version 1 counts the header in two bytes, 2 and 3 in four
    const std::size_t header_from = short_length ? 10 : 12;
    std::size_t header_size = file[8] + 256u * file[9];
    if (!short_length) header_size += 65536u * file[10] + 16777216u * file[11];
    if (header_size > file.size() - header_from) return std::nullopt;
    const std::string_view header(reinterpret_cast<const char*>(file.data()) + header_from, header_size);
    const std::string_view shape = value_of(header, "'shape'");
    if (!shape.starts_with("()") && !shape.starts_with("(1,)")) return std::nullopt;
    const std::string_view type = value_of(header, "'descr'");
    const auto data = file.subspan(header_from + header_size);
    if (type.starts_with("'<U")) return number_in_text(data, 4);
    if (type.starts_with("'|S")) return number_in_text(data, 1);
    if (type.starts_with("'<i8'")) return stored_number<std::int64_t>(data);
    if (type.starts_with("'<i4'")) return stored_number<std::int32_t>(data);
    if (type.starts_with("'<i2'")) return stored_number<std::int16_t>(data);
    if (type.starts_with("'|i1'")) return stored_number<std::int8_t>(data);
    if (type.starts_with("'|u1'")) return stored_number<std::uint8_t>(data);
    if (type.starts_with("'<f8'")) return stored_number<double>(data);
    if (type.starts_with("'<f4'")) return stored_number<float>(data);
    return std::nullopt;
}

AffectNet::AffectNet(const DatasetOptions& options) : PictureList(read_affectnet(options.root), options.split) {}

}  // namespace affectsr
