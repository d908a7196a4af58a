// Asks a restorer, and believes its pictures only if they can be faces.
#pragma once

#include <span>
#include <vector>

#include "affectsr/restore/restorer.h"

namespace affectsr {

/// One picture for every crop, in their order: the restorer's, with what it says of it (an empty reason, or
/// "no_landmarks" where it had to do without landmarks that it could have used), or the crop enlarged by MATLAB's
/// bicubic to `bicubic_px` × `bicubic_px`, with the reason why the restorer's was not taken:
///   restorer_needs_landmarks  the crop does not carry as many finite landmarks as the restorer needs; it is not asked
///   restorer_not_finite       values of its picture were no numbers (it says so itself: pictures hold bytes)
///   restorer_wrong_size       not the size that its needs() promise, or not as many bytes as the size asks for
///   restorer_constant         one colour, though the crop is not
/// or another code that the restorer gives. A crop of another size than a restorer wants is resized for it. Throws Bug
/// if a crop has no pixels or if the restorer does not answer for every crop, and what it throws. Thread-safe.
std::vector<Restored> restore_checked(const Restorer& restorer, std::span<const FaceCrop> crops, int bicubic_px);

}  // namespace affectsr
