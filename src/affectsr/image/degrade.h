// Makes the small picture that we must live with out of a high-resolution one.
#pragma once

#include <random>
#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/image/image.h"
#include "affectsr/image/resize.h"

namespace affectsr {

/// What a camera, a distance and a codec do to a face, applied in this order: blur, shrink, noise, JPEG, enlarge.
struct Degradation {
    double blur_sigma_px = 0;        ///< Gaussian, in pixels of the high-resolution picture
    double scale = 1;                ///< divides both sides, 1…16, any real number; the size is ceil(n / scale)
    int size_px = 0;                 ///< if set, the result is size_px × size_px and `scale` is not used
    std::string filter = "bicubic";  ///< "bicubic" (MATLAB), "area", "bilinear", or "nearest" (the KDEF study: aliased)
    double noise_sigma = 0;          ///< additive Gaussian, in grey levels 0–255
    int jpeg_quality = 0;            ///< 1–100; 0: not compressed
    bool enlarge_back = false;       ///< bicubic back to the size it came from, as FSR-FER feeds its networks

    void fields(auto&& f) {
        f("blur_sigma_px", blur_sigma_px, "Gaussian blur before shrinking, in pixels of the original", Range{0, 32});
        f("scale", scale, "divides both sides", Range{1, 16});
        f("size_px", size_px, "shrink to size_px × size_px instead of by scale; 0: by scale", Range{0, 16384});
        f("filter", filter, "how it shrinks", OneOf{{"bicubic", "area", "bilinear", "nearest"}});
        f("noise_sigma", noise_sigma, "additive Gaussian noise in grey levels", Range{0, 255});
        f("jpeg_quality", jpeg_quality, "JPEG quality 1–100; 0: none", Range{0, 100});
        f("enlarge_back", enlarge_back, "enlarge back to the original size (bicubic)");
    }
};

/// The low-resolution picture of `hr`, rounded to 8 bits after every step. The same `random` state gives the same bytes
/// on every machine. A grey picture stays grey: its noise is one number per pixel, else one per channel. Sides never
/// fall under 1 px. Throws UsageError for settings out of range or an empty picture. Thread-safe per generator.
Image degrade(const Image& hr, const Degradation& degradation, std::mt19937_64& random);

}  // namespace affectsr
