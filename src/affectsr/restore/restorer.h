// Makes a small face clear.
#pragma once

#include "affectsr/face/face.h"

namespace affectsr {

/// What a restorer wants to be given.
struct RestorerNeeds {
    int input_px = 0;        ///< side of the square crop; 0: any
    int scale = 0;           ///< how many times larger the result is; 0: always to output_px
    int output_px = 0;       ///< side of the result if `scale` is 0
    bool landmarks = false;  ///< whether crops must carry landmarks
};

/// Makes a clearer, larger picture of a face crop. Thread-safe once built.
class Restorer {
 public:
    virtual ~Restorer() = default;
    virtual RestorerNeeds needs() const = 0;
    /// The restored picture: `scale` times the crop, or output_px × output_px. Throws Bug if the crop does not meet
    /// needs().
    virtual Image restore(const FaceCrop& crop) const = 0;
};

}  // namespace affectsr
