// Asks a restorer, and believes its pictures only if they can be faces.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "affectsr/pipeline/point_finder.h"
#include "affectsr/restore/restorer.h"

namespace affectsr {

/// One picture for every crop, in their order: the restorer's, with what it says of it (see did_without_landmarks()),
/// or the crop enlarged by MATLAB's bicubic to `bicubic_px` × `bicubic_px`, with the reason why the restorer's was not
/// taken:
///   restorer_needs_landmarks  nobody gives as many finite landmarks as the restorer needs; it is not asked
///   restorer_not_finite       values of its picture were no numbers (it says so itself: pictures hold bytes)
///   restorer_wrong_size       not the size that its needs() promise, or not as many bytes as the size asks for
///   restorer_constant         one colour, though the crop is not
/// or another code that the restorer gives. Landmarks that the restorer looks at and a crop does not carry are asked of
/// `points` (null: of nobody), which is not asked otherwise. A crop of another size than a restorer wants is resized
/// for it. Throws Bug if a crop has no pixels or if the restorer does not answer for every crop, and what it throws.
/// Thread-safe.
std::vector<Restored> restore_checked(const Restorer& restorer, std::span<const FaceCrop> crops, int bicubic_px,
                                      const PointFinder* points = nullptr);

/// Whether this reason says that the picture is the restorer's, though it did without landmarks that it could have
/// used: "no_landmarks", nobody was asked for them; "unsure_landmarks", whoever was asked was not sure of the face.
bool did_without_landmarks(const std::string& reason);

}  // namespace affectsr
