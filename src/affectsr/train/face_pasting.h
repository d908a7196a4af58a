// How a piece of one photograph is drawn into another.
#pragma once

#include "affectsr/face/marked_face.h"
#include "affectsr/image/image.h"

namespace affectsr {

/// Where a patch of a photograph comes to lie on the canvas: canvas = centre + scale · R(angle) · mirror · (photo −
/// middle).
struct Pasting {
    double middle_x, middle_y, half;  ///< of the patch in the photograph, in pixels
    double centre_x, centre_y;        ///< on the canvas
    double scale, cosine, sine, mirror;

    Point to_canvas(Point p) const {
        const double dx = mirror * (double{p.x} - middle_x), dy = double{p.y} - middle_y;
        return {static_cast<float>(centre_x + scale * (cosine * dx - sine * dy)),
                static_cast<float>(centre_y + scale * (sine * dx + cosine * dy))};
    }
    Point to_photo(double x, double y) const {
        const double dx = (x - centre_x) / scale, dy = (y - centre_y) / scale;
        return {static_cast<float>(middle_x + mirror * (cosine * dx + sine * dy)),
                static_cast<float>(middle_y + cosine * dy - sine * dx)};
    }
};

/// A face of a photograph that is shown `by` times larger.
MarkedFace scaled(MarkedFace face, double by);

/// A face of the photograph where it comes to lie on the canvas, its points named from the viewer's side again after
/// mirroring. Its box stays upright and keeps its sides, in shares of the turn: a lying face is as wide as it was high.
MarkedFace on_canvas(const MarkedFace& face, const Pasting& at);

/// Draws the patch, fading into the canvas at its edges; levels are multiplied by `gain`, then `lift` is added.
void draw_patch(const Image& photo, const Pasting& at, double gain, double lift, Image& canvas);

}  // namespace affectsr
