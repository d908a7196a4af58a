// The similarity between two sets of points of which some may be mistaken.
#pragma once

#include <optional>
#include <span>

#include "affectsr/face/face.h"

namespace affectsr {

/// The similarity (no reflection) that takes `source` to `target` by least median of squares: of the exact ones through
/// every pair of points the one whose squared distances have the smallest median, then least squares over the points
/// within 2.5 robust standard deviations of it. Up to (n − 1) / 2 of n points may lie anywhere. All pairs are tried, so
/// the answer is the same every time, and OpenCV's (estimateAffinePartial2D, LMEDS) where its random pairs include the
/// best; work grows as n³. Without outliers it is fit_similarity's. std::nullopt where fit_similarity says so, or where
/// every pair of source points is one point. Throws Bug for more than 100 points. Source: Rousseeuw & Leroy 1987,
/// chapter 5, eq. 1.3.
std::optional<Similarity> fit_similarity_lmeds(std::span<const Point> source, std::span<const Point> target);

}  // namespace affectsr
