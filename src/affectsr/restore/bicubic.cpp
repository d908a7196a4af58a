#include "affectsr/restore/bicubic.h"

#include "affectsr/base/error.h"
#include "affectsr/image/resize.h"

namespace affectsr {

Bicubic::Bicubic(const BicubicOptions& options) : options_(options) {}

RestorerNeeds Bicubic::needs() const {
    RestorerNeeds needs;
    needs.output_px = options_.output_px;
    return needs;
}

Image Bicubic::restore(const FaceCrop& crop) const {
    AFFECTSR_EXPECT(!crop.pixels.empty(), "a crop to enlarge must have pixels");
    return resize(crop.pixels, {options_.output_px, options_.output_px}, Filter::bicubic);
}

}  // namespace affectsr
