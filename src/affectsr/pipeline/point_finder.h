// Finds the points of small faces, for restorers that look at them.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "affectsr/detect/landmarker.h"

namespace affectsr {

/// From this face score on a landmarker's points are believed. landmark_net gives it to .997 and more of LFW's faces at
/// 32, 16, 12 and 8 px, and to .000, .000, .001 and .008 of places without a face (docs/evaluation.md).
inline constexpr double kSurePoints = 0.9;

/// Asks a landmarker for the points of crops and believes it only where it is sure that it sees a face. It sees the
/// crop's own pixels and nothing else, whatever larger picture they come from. Thread-safe.
class PointFinder {
 public:
    /// `landmarker` gives 478 points; `least_score`: 0–1.
    PointFinder(std::shared_ptr<const Landmarker> landmarker, double least_score = kSurePoints);
    /// Whether it can give as many points of a face: 478, or the 5 of Landmarks.
    bool gives(int landmarks) const;
    /// So many points of every crop, in pixels of the crop (centres at integers), z in the same unit; empty where the
    /// landmarker is not sure, and of crops that are no square of at least 8 px. Where the points say that the crop is
    /// not framed as cut() frames a face, the face is looked at again so framed, at most three times: pictures that
    /// were cut by somebody else show more or less around it. Throws Bug unless it gives(landmarks).
    std::vector<Landmarks> find_all(std::span<const FaceCrop> crops, int landmarks) const;

 private:
    LandmarkedFace framed(const FaceCrop& crop, LandmarkedFace seen) const;

    std::shared_ptr<const Landmarker> landmarker_;
    float least_score_;
};

}  // namespace affectsr
