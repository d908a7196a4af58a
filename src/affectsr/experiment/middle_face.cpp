#include "affectsr/experiment/middle_face.h"

#include <cmath>

#include "affectsr/face/align.h"

namespace affectsr {

std::optional<Face> middle_face(const Image& picture, const Detector& detector) {
    const auto distance = [&](const Face& face) {
        const Box& box = face.box_in_photo;
        return std::hypot(double{box.x} + double{box.width} / 2 - picture.width / 2.0,
                          double{box.y} + double{box.height} / 2 - picture.height / 2.0);
    };
    std::optional<Face> nearest;
    for (const Face& face : detector.detect(picture))
        if (crop_side_px(face) > 0 && (!nearest || distance(face) < distance(*nearest))) nearest = face;
    return nearest;
}

}  // namespace affectsr
