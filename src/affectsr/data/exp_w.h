// ExpW, Expression in the Wild: 91,793 faces in web pictures.
#pragma once

#include <optional>
#include <string_view>

#include "affectsr/data/picture_list.h"

namespace affectsr {

/// Where ExpW is and which faces are wanted.
struct ExpWOptions {
    std::filesystem::path root;
    std::string split;
    double least_confidence = 0;
    void fields(auto&& f) {
        f("root", root, "folder of the data set");
        f("split", split, "ExpW has no splits: leave it empty");
        f("least_confidence", least_confidence, "drop faces whose box is less sure than this", Range{0, 1000});
    }
};

/// A line of label.lst.
struct ExpWFace {
    std::string_view picture;
    int face = 0;  ///< counted within the picture
    Box box;       ///< in the picture
    double confidence = 0;
    Emotion label = Emotion::neutral;
};
/// "picture face top left right bottom confidence label", blank-separated (mind the order of the box); anything else,
/// an empty box or an unknown label: std::nullopt. The view lives as long as `line`.
std::optional<ExpWFace> exp_w_face(std::string_view line);

/// Reads label.lst wherever it lies under the root, in its order; pictures lie in image/origin. Each sample is one
/// face, cut to its box. Lines that do not fit are skipped and counted. Throws UsageError for a split, InputError
/// (`dataset_unreadable`) if the list is missing. Source: Zhang et al. 2018, arXiv:1609.06426.
class ExpW : public PictureList {
 public:
    explicit ExpW(const ExpWOptions& options);
};

}  // namespace affectsr
