// Where a face is, and the crop that is cut from it.
#pragma once

#include <array>
#include <vector>

#include "affectsr/image/image.h"

namespace affectsr {

/// A rectangle in pixels of the upright photo: left, top, width, height (COCO order); may be fractional.
struct Box {
    float x = 0, y = 0, width = 0, height = 0;
    /// Shorter side in pixels: the size of a face everywhere in this project.
    float size_px() const { return width < height ? width : height; }
};

/// A point in pixels (pixel centres at integers); `z` is depth in the same unit where a landmarker gives one, else 0.
struct Point {
    float x = 0, y = 0, z = 0;
};

/// Points of a face. Five: eye on the image left, eye on the image right, nose tip, mouth corner left, right — from the
/// viewer's side. 478: the MediaPipe mesh. Empty: not located.
using Landmarks = std::vector<Point>;

/// A face as a detector reports it; `score` is 0–1 where the detector gives one, else 1.
struct Face {
    Box box_in_photo;
    Landmarks landmarks_in_photo;
    float score = 1;
};

/// A similarity transform: target = scale · R(angle) · source + shift, kept as the matrix [a −b tx; b a ty].
struct Similarity {
    double a = 1, b = 0, tx = 0, ty = 0;
    Point apply(Point p) const;
    double scale() const;  ///< length in the target of one source pixel
    Similarity inverse() const;
};
/// Applies `first`, then `then`.
Similarity compose(const Similarity& then, const Similarity& first);

/// A square crop around a face, its landmarks, and the way back into the photo.
struct FaceCrop {
    Image pixels;
    Landmarks landmarks_in_crop;
    Similarity photo_from_crop;
    float face_in_photo_px = 0;  ///< shorter side of the face box in the photo; 0: unknown (already cropped input)
};

}  // namespace affectsr
