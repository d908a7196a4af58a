// Says where the points of a face lie.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "affectsr/face/face.h"

namespace affectsr {

/// What a landmarker says of one crop.
struct LandmarkedFace {
    Landmarks
        landmarks_in_crop;  ///< pixels of the crop (centres at integers); `z`: depth, same unit, away from the eye
    float face_score = 0;   ///< 0–1: how sure it is that this is a face
    /// How far it expects its points to be off: mean distance over the distance of the eyes. None: it does not say.
    std::optional<float> expected_error;
};

/// A landmarker. locate_all() may be called from several threads at once.
class Landmarker {
 public:
    virtual ~Landmarker() = default;
    /// One answer for each crop, in their order, points even where there is hardly a face. Crops are upright and framed
    /// as by cut() (face/align.h), of any size from 8 px, equal or not; what they say of landmarks is not looked at.
    /// Throws Bug for a smaller crop.
    virtual std::vector<LandmarkedFace> locate_all(std::span<const FaceCrop> crops) const = 0;
    /// Of one face of a photo, with its points in pixels of the photo. One that wants more to look at than a crop shows
    /// takes it from the photo; this one cuts a crop. Throws Bug if the face cannot be cut (crop_side_px()).
    virtual LandmarkedFace locate_in(const Image& photo, const Face& face) const;
    /// How many points each face has (see Landmarks).
    virtual int landmarks() const { return 478; }
};

}  // namespace affectsr
