// The float64 planes in which picture metrics compare two pictures.
#pragma once

#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/image/image.h"

namespace affectsr {

/// One channel of a picture: height × width values 0–255, row-major.
struct Plane {
    int width = 0, height = 0;
    std::vector<double> values;
};

/// Which channels a picture metric looks at; papers differ, so every table must say.
struct PlaneOptions {
    /// "rgb": three planes. "y": BT.601 studio range, Y = 16 + (65.481 R + 128.553 G + 24.966 B) / 255, not rounded
    /// (BasicSR, DIC). "y_truncated": the same cut down to whole numbers (SPARNet).
    std::string channels = "y";
    int border_px = 0;  ///< left out on every side; BasicSR and DIC leave out as many pixels as the scale
    void fields(auto&& f) {
        f("channels", channels, "which planes are compared", OneOf{{"y", "rgb", "y_truncated"}});
        f("border_px", border_px, "pixels left out on every side", Range{0, 1024});
    }
};

/// The planes of `image` as `options` ask. Throws UsageError for unknown channels, InputError (`too_small`) if the
/// border leaves nothing.
std::vector<Plane> compared_planes(const Image& image, const PlaneOptions& options);

/// Throws InputError (`size_mismatch`) unless both pictures have the same size.
void expect_same_size(const Image& hr, const Image& sr);

}  // namespace affectsr
