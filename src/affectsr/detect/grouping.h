// Makes one face out of the many overlapping answers that a sliding window gives.
#pragma once

#include <vector>

#include "affectsr/face/face.h"

namespace affectsr {

/// Several answers that mean the same face.
struct Group {
    Box box;  ///< mean of its members
    int members = 0;
};

/// Groups square windows that differ by less than a fifth of the smaller side in place and size, chains included, as
/// OpenCV's groupRectangles (eps 0.2) does; groups of fewer than `least_members` are dropped. Order: as their leftmost
/// members. n log n for scattered faces.
std::vector<Group> group_similar(std::vector<Box> windows, int least_members);

/// Keeps the best-scored face of those that overlap: a face goes if its overlap with a better one is over
/// `most_overlap` or if one covers the other by more than `most_cover`. Best score first; equal scores keep their
/// order.
std::vector<Face> suppress_overlaps(std::vector<Face> faces, double most_overlap, double most_cover);

/// Makes one face of those that overlap the best-scored one by more than `least_overlap`, itself included: boxes and
/// points are their means, weighted by score; the score is the best one's. Then of those that are left, and so on. All
/// have equally many points. Best score first. Source: MediaPipe's NonMaxSuppressionCalculator (WEIGHTED).
std::vector<Face> blend_overlaps(std::vector<Face> faces, double least_overlap);

}  // namespace affectsr
