// The same faces in a picture and in what somebody made of it.
#pragma once

#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/detect/detector.h"

namespace affectsr {

struct FacePairOptions {
    std::string found_in = "after";
    double overlap = 0.4;
    void fields(auto&& f) {
        f("found_in", found_in,
          "whose faces frame the crops, which are cut alike from both pictures; after: those of the larger, clearer "
          "one",
          OneOf{{"after", "before"}});
        f("overlap", overlap, "least intersection over union of two boxes that are one face", Range{0.1, 1});
    }
};

enum class PairStatus {
    compared,  ///< found in both
    vanished,  ///< found before alone
    appeared,  ///< found after alone
};
/// "compared", "vanished", "appeared".
const char* name_of(PairStatus);

/// A face, and its place in both pictures: the same box and landmarks, scaled, also where nobody found it.
struct FacePair {
    PairStatus status = PairStatus::compared;
    Face in_before, in_after;
};

/// Throws InputError (`other_shape`) if `after` is not `before` in another size: its height may be off by 3 % and two
/// pixels of `before`, which tools that work in blocks cut off or add. `name` begins the message.
void expect_same_shape(ImageSize before, ImageSize after, const std::string& name);

/// `face` of a picture of size `from` in the same picture of size `to`.
Face moved_to(const Face& face, ImageSize from, ImageSize to);

/// Both pictures are searched at one size, so that a face is not found in the larger one for its size alone: that of
/// `after`, but at least that of `before` and at most twice it (where `before` allows; 24 megapixels). Pairs in the
/// order of the faces in the picture that is framed by, best score first; then those of the other one alone.
/// Thread-safe. Throws as expect_same_shape.
std::vector<FacePair> pair_faces(const Image& before, const Image& after, const std::string& name,
                                 const Detector& detector, const FacePairOptions& options);

}  // namespace affectsr
