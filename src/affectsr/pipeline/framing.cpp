#include "affectsr/pipeline/framing.h"

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"
#include "affectsr/face/crop_template.h"
#include "affectsr/face/soft_paste.h"
#include "affectsr/face/warp.h"

namespace affectsr {

FaceCrop framed_crop(const Image& photo, const Face& face, const RestorerNeeds& needs) {
    AFFECTSR_EXPECT(!needs.framing.empty() && needs.input_px > 0, "a restorer with a framing names its size");
    FaceCrop crop = cut(photo, face, crop_template(needs.framing), needs.input_px, Fit::lmeds);
    crop.pixels = cut_for_restorer(photo, crop.photo_from_crop.inverse(), needs.input_px);
    return crop;
}

Image seen_through(const Image& restored, const FaceCrop& framed, const FaceCrop& crop, int size_px) {
    const Similarity photo_from_target = photo_from_restored(crop, size_px);
    const Similarity restored_from_photo = photo_from_restored(framed, restored.width).inverse();
    return warp(restored, compose(restored_from_photo, photo_from_target), {size_px, size_px});
}

void paste_framed(Image& enlarged_photo, const Image& restored, const FaceCrop& framed, int upscale,
                  const FaceParser* parser) {
    const Affine place = background_from_crop(framed.photo_from_crop.inverse(), upscale);
    if (!parser) return paste_back_soft(enlarged_photo, restored, place, upscale);
    paste_back_soft(enlarged_photo, restored, place, upscale, PasteMask::both, parser->soft_parts_of(restored));
}

}  // namespace affectsr
