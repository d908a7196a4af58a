// Pictures in folders named after their class: ROOT/SPLIT/CLASS/picture.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "affectsr/data/picture_list.h"

namespace affectsr {

/// What a class folder's name means; std::nullopt: it is no class.
using ClassOfFolder = std::function<std::optional<Emotion>(std::string_view folder)>;

/// Adds the pictures of every SPLIT folder in `root` that has a class folder, sorted by path; `split` is the folder's
/// name. Pictures beside the class folders, in folders of no class or in a format that codec.h cannot read are skipped
/// and counted; what cannot be entered is noted in the card.
void add_class_folders(PictureListContent& content, const std::filesystem::path& root, const ClassOfFolder& class_of);

}  // namespace affectsr
