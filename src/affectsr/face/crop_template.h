// Where the five landmarks lie in the square crops that networks are trained on, by name.
#pragma once

#include <array>
#include <span>
#include <string>

#include "affectsr/face/face.h"

namespace affectsr {

/// One way of framing a face.
struct CropTemplate {
    std::string name;             ///< by which crop_template() finds it
    std::string source;           ///< paper or program, with identifier
    int size_px = 0;              ///< side of the crop that `points` are given for
    std::array<Point, 5> points;  ///< the order of Landmarks, in pixels of that crop (pixel centres at integers)
    /// The position that stays where it is in a crop of another size: −0.5, the corner of the first pixel, so that both
    /// show the same square; or 0, its centre, because published programs multiply the points.
    float origin_px = -0.5F;

    /// The points in a crop of `size_px` × `size_px` pixels. Throws Bug if size_px < 1.
    std::array<Point, 5> points_at(int size_px) const;
};

/// affectsr_48 (kCropTemplate), arcface_112 and arcface_128 (insightface), ffhq_512 (GFPGAN, CodeFormer),
/// lfw_128 (what covpool and the restoration study's classifiers learned from).
std::span<const CropTemplate> crop_template_catalog();

/// The template called `name`. Throws UsageError (`unknown_crop_template`) that names the known ones.
const CropTemplate& crop_template(const std::string& name);

}  // namespace affectsr
