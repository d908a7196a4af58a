#include "affectsr/data/exp_w.h"

#include "affectsr/base/error.h"
#include "affectsr/data/folder_index.h"
#include "affectsr/data/source_labels.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

PictureListContent read_exp_w(const ExpWOptions& options) {
    expect_folder(options.root, "exp_w");
    const FolderIndex index(options.root);
    const auto list = index.find_file({"label.lst"});
    if (!list)
        throw InputError(
            "dataset_unreadable",
            options.root.string() + ": has no label.lst, which ExpW keeps in label/" + and_not_entered(index));
    PictureListContent content;
    content.note_unreadable(index.unreadable());
    content.card.name = "exp_w";
    content.card.source =
        "Zhang et al. 2018, From Facial Expression Recognition to Interpersonal Relation (ExpW), arXiv:1609.06426";
    content.card.licence = "non-commercial research; the pictures belong to third parties";
    const ListText text = read_list(*list);
    content.card.sha256 = text.sha256();
    content.lists = {*list};
    PictureFinder finder(
        find_folder(options.root, "origin", content.card.unreadable).value_or(options.root / "image" / "origin"));
    for (const TextLine& line : lines_of(text.view())) {
        const auto face = exp_w_face(line.text);
        if (!face || !stays_inside(fs::path(face->picture))) {
            content.skip(list->string() + " line " + std::to_string(line.number),
                         "it is not a picture, a face, a box, a confidence and a label from 0 to 6");
            continue;
        }
        if (face->confidence < options.least_confidence) continue;
        ListedPicture picture;
        picture.info.path = finder.find(face->picture);
        picture.info.row = line.number;
        picture.info.label = face->label;
        picture.face_in_picture = face->box;
        content.pictures.push_back(std::move(picture));
    }
    finder.warn_of_missing(*list);
    content.note_unreadable(finder.unreadable());
    return content;
}

}  // namespace

std::optional<ExpWFace> exp_w_face(std::string_view line) {
    const auto words = words_of(line);
    if (words.size() != 8) return std::nullopt;
    const auto face = whole_number(words[1]), label = whole_number(words[7]);
    const auto top = decimal_number(words[2]), left = decimal_number(words[3]);
    const auto right = decimal_number(words[4]), bottom = decimal_number(words[5]),
               confidence = decimal_number(words[6]);
    if (!face || *face < 0 || *face > 100'000 || !label || !top || !left || !right || !bottom || !confidence) {
        return std::nullopt;
    }
    const auto emotion = emotion_of(LabelSet::exp_w, *label);
    if (!emotion || *right <= *left || *bottom <= *top) return std::nullopt;
    const Box box{static_cast<float>(*left), static_cast<float>(*top), static_cast<float>(*right - *left),
                  static_cast<float>(*bottom - *top)};
    return ExpWFace{words[0], static_cast<int>(*face), box, *confidence, *emotion};
}

ExpW::ExpW(const ExpWOptions& options) : PictureList(read_exp_w(options), options.split) {}

}  // namespace affectsr
