// Aligns a restored face by what can be found on the small one: an experiment's small faces are cut as their originals
// were aligned, which nobody who has the small picture alone can do.
#pragma once

#include <span>

#include "affectsr/face/crop_template.h"
#include "affectsr/face/face.h"
#include "affectsr/pipeline/point_finder.h"
#include "affectsr/restore/restorer.h"

namespace affectsr {

/// Gives every picture of `restored`, each the square that the crop of its place shows, the framing `framing`, by the
/// five points that `points` finds on the small crop (least median of squares), at its own size. One whose points are
/// not sure, or fit no face, stays as it is, with the reason "unsure_landmarks" unless it has one already. Throws Bug
/// for another number of crops. Thread-safe.
void align_anew(std::span<Restored> restored, std::span<const FaceCrop> crops, const PointFinder& points,
                const CropTemplate& framing);

}  // namespace affectsr
