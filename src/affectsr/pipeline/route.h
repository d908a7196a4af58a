// Which road a face takes through the pipeline, by its size, and why.
#pragma once

#include <string>

#include "affectsr/image/image.h"

namespace affectsr {

/// The roads.
enum class Road {
    direct,        ///< at least as large as the classifier's input: cut at that size, never restored
    enlarged,      ///< smaller: cut at its own pixels and enlarged by the restorer
    undetermined,  ///< would give a confident wrong answer: not read at all
};

/// A road with its reason.
struct Route {
    Road road;
    int crop_px;         ///< side at which the face is cut, in pixels; 0 if undetermined
    std::string reason;  ///< stable code if undetermined: "too_small"
};

/// The road of a face whose crop shows `side_px` real pixels to a classifier that sees `input_px`; faces under
/// `least_px` are undetermined. A side that is not finite counts as 0.
Route route(double side_px, double least_px, int input_px);

/// Whether a crop shows nothing to read: luma spans fewer than 6 of 255 grey levels, less than JPEG noise on a flat
/// wall.
bool is_constant(const Image& crop);

}  // namespace affectsr
