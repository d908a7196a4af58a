#include "affectsr/data/sfew.h"

#include "affectsr/data/class_folders.h"

namespace affectsr {
namespace {

PictureListContent read_sfew(const std::filesystem::path& root) {
    expect_folder(root, "sfew");
    PictureListContent content;
    content.card.name = "sfew";
    content.card.source = "Dhall et al. 2011, Static Facial Expression Analysis in Tough Conditions (SFEW 2.0)";
    content.card.licence = "research use under its agreement; not to be passed on";
    add_class_folders(content, root, emotion_from);
    return content;
}

}  // namespace

Sfew::Sfew(const DatasetOptions& options) : PictureList(read_sfew(options.root), options.split) {}

}  // namespace affectsr
