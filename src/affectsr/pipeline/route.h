// Which road a face takes to its answer, and why.
#pragma once

#include <string>

#include "affectsr/face/face.h"

namespace affectsr {

enum class Road {
    undetermined,  ///< no network is asked: the answer would be confident and wrong
    direct,        ///< the crop has at least as many pixels as the classifier looks at
    enlarged,      ///< the restorer makes it as large as the classifier needs
};
const char* name_of(Road);  ///< "undetermined", "direct", "enlarged"

/// A road with its reason as a stable code: "large_enough" (direct); "small" (enlarged); "too_small", "not_finite",
/// "constant", "turned", "not_a_face" (undetermined).
struct Route {
    Road road = Road::undetermined;
    std::string reason;
};

/// How many pixels of the photo a side of the crop really shows: a small face does not grow by being cut large.
double native_px(const FaceCrop& crop);

/// The road of a crop for a classifier that looks at input_px × input_px pixels. Undetermined are: a face of fewer than
/// `least_face_px` (of the face box where it is known, else of the crop); a crop whose luma deviates by less than 2
/// grey levels (FER2013's blank pictures: at most 0.7, its faces: at least 18); one without pixels, whose face had no
/// finite place; a face whose landmarks say that it is turned by more than kMostRollDeg; and, if a detector `detected`
/// it, one that is drawn (looks_drawn()): who gives a cropped face says that it is one.
Route route_of(const FaceCrop& crop, int input_px, double least_face_px, bool detected);

}  // namespace affectsr
