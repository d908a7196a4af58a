// Faces as restorers with a framing of their own are given them, and as they go back to who reads and shows them.
#pragma once

#include "affectsr/face/face.h"
#include "affectsr/pipeline/face_parser.h"
#include "affectsr/restore/restorer.h"

namespace affectsr {

/// The face by needs.framing, input_px × input_px: the similarity is the one that leaves mistaken landmarks out
/// (Fit::lmeds), the pixels are those of the restorer's own program (cut_for_restorer()). Throws Bug if needs.framing
/// is empty, and as cut(). Thread-safe.
FaceCrop framed_crop(const Image& photo, const Face& face, const RestorerNeeds& needs);

/// What `crop` shows of the photo, as the picture that a restorer made of `framed` shows it: size_px × size_px. Where
/// the framed square ends before the crop does its border is repeated. Throws Bug if a picture is empty. Thread-safe.
Image seen_through(const Image& restored, const FaceCrop& framed, const FaceCrop& crop, int size_px);

/// Lays the picture that a restorer made of `framed` over its place in the photo, which was enlarged `upscale` times
/// before: as its own program does (paste_back_soft()), by the parts of the face where there is a `parser` (else null:
/// the whole square, softly). Throws Bug as that does. Thread-safe.
void paste_framed(Image& enlarged_photo, const Image& restored, const FaceCrop& framed, int upscale,
                  const FaceParser* parser = nullptr);

}  // namespace affectsr
