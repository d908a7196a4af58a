// Makes a small face clear.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "affectsr/face/face.h"
#include "affectsr/plan/precision.h"

namespace affectsr {

/// What a restorer wants to be given.
struct RestorerNeeds {
    int input_px = 0;                 ///< side of the square crop; 0: any
    int scale = 0;                    ///< how many times larger the result is; 0: always to output_px
    int output_px = 0;                ///< side of the result if `scale` is 0
    int landmarks = 0;                ///< how many landmarks every crop must carry (5 or 478, see Landmarks); 0: none
    bool landmarks_optional = false;  ///< a crop without any is restored all the same, and the answer says so
    /// The crop template by which it learned to have faces framed; whoever has the photograph cuts by it (Fit::lmeds).
    /// Empty: as the classifiers have them (kCropTemplate). A face that is given without its surroundings is restored
    /// as it is.
    std::string framing = {};
};

/// A restored face, or why there is none, or why it is not what it could be.
struct Restored {
    Image picture;  ///< empty: it failed
    /// A stable code: without a picture why it failed ("restorer_not_finite"), with one what was missing
    /// ("no_landmarks"); empty: nothing.
    std::string reason;
};

/// Makes clearer, larger pictures of face crops. Thread-safe once built.
class Restorer {
 public:
    virtual ~Restorer() = default;
    virtual RestorerNeeds needs() const = 0;
    /// One answer for every crop, in their order: `scale` times the crop, or output_px × output_px. A face that it
    /// cannot restore, and one whose values come out not finite, is an answer with a reason and no picture; one that it
    /// restores without the landmarks that it could use has the reason "no_landmarks" beside its picture. Throws Bug if
    /// a crop does not meet needs().
    virtual std::vector<Restored> restore_all(std::span<const FaceCrop> crops) const = 0;
    /// The same for one crop.
    Restored restore(const FaceCrop& crop) const;
    /// The number format that it computes in; std::nullopt: it is no network, or does not tell.
    virtual std::optional<Precision> precision() const { return std::nullopt; }
    /// The hash of the model file that its weights come from, as the card has it (ModelCard::sha256); empty: it has
    /// none.
    virtual std::string model_sha256() const { return ""; }
};

}  // namespace affectsr
