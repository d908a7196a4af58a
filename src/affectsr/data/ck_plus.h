// CK+, the Extended Cohn-Kanade set: posed expressions from neutral to their peak, frame by frame.
#pragma once

#include <optional>
#include <string_view>

#include "affectsr/data/picture_list.h"

namespace affectsr {

/// Where CK+ is and which frames are wanted.
struct CkPlusOptions {
    std::filesystem::path root;
    std::string split;
    int peak_frames = 1;
    bool first_as_neutral = false;
    void fields(auto&& f) {
        f("root", root, "folder of the data set");
        f("split", split, "CK+ has no splits: leave it empty");
        f("peak_frames", peak_frames, "last frames of a sequence that bear its label; many papers take 3",
          Range{1, 10});
        f("first_as_neutral", first_as_neutral, "also take the first frame of a labelled sequence, as neutral");
    }
};

/// The label of a file S005_001_00000011_emotion.txt, which holds one number such as "3.0000000e+00"; anything else:
/// std::nullopt.
std::optional<Emotion> ck_plus_label(std::string_view text);

/// The labelled sequences under cohn-kanade-images (SUBJECT/SEQUENCE/frame.png), sorted by path; labels lie in Emotion
/// under the same folders. Only 327 of the 593 sequences have one; pictures of the others are skipped and counted. The
/// subject is the person, there are no splits: the usual protocol is ten folds by subject. Throws InputError
/// (`dataset_unreadable`) if there is no labelled frame. Source: Lucey et al. 2010.
class CkPlus : public PictureList {
 public:
    explicit CkPlus(const CkPlusOptions& options);
};

}  // namespace affectsr
