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

std::vector<Restored> Bicubic::restore_all(std::span<const FaceCrop> crops) const {
    const ImageSize size{options_.output_px, options_.output_px};
    std::vector<Restored> restored;
    for (const FaceCrop& crop : crops) {
        AFFECTSR_EXPECT(!crop.pixels.empty(), "a crop to enlarge must have pixels");
        restored.push_back({resize(crop.pixels, size, Filter::bicubic), ""});
    }
    return restored;
}

}  // namespace affectsr
