// Bicubic enlargement: the floor of every comparison, and the restorer that invents nothing.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/restore/restorer.h"

namespace affectsr {

struct BicubicOptions {
    int output_px = 48;  ///< side of the result
    void fields(auto&& f) { f("output_px", output_px, "side of the enlarged face in pixels", Range{1, 4096}); }
};

/// MATLAB's bicubic (see Filter::bicubic): crops of any size become output_px × output_px. Thread-safe.
class Bicubic : public Restorer {
 public:
    explicit Bicubic(const BicubicOptions& options);
    RestorerNeeds needs() const override;
    /// Throws Bug for a crop without pixels.
    std::vector<Restored> restore_all(std::span<const FaceCrop> crops) const override;

 private:
    BicubicOptions options_;
};

}  // namespace affectsr
