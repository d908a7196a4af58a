// How a square is laid over a face in its picture, and what the network is shown in it.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "affectsr/face/face.h"
#include "affectsr/image/image.h"
#include "affectsr/train/augmentation.h"

namespace affectsr {

/// A square on a picture: (0, 0)–(1, 1) are its edges. Mirrored: it is seen from behind.
struct FaceFraming {
    Similarity picture_from_unit;
    bool mirrored = false;
};

/// The square that cut() (face/align.h) lays over a face with these five points, exactly. Throws Bug if they fit none.
FaceFraming framing_of(const Landmarks& five_points);

/// The same square moved, turned and made larger or smaller at random, and perhaps mirrored, by what `how` allows;
/// small turns are more frequent than large ones (the square of a uniform number). The same `random` state gives the
/// same.
FaceFraming moved_at_random(const FaceFraming& framing, const Augmentation& how, std::mt19937_64& random);

/// What a square of `px` shows, 3 channels, with `landmarks` of the picture (five, 478 or none) in pixels of it, sides
/// exchanged if it is mirrored. Each pixel is the mean of n × n samples between pixels, n the step rounded. Beyond the
/// picture lies `beyond`, stretched over the square, or the picture's border repeated where that is null. Thread-safe.
CutFace cut_framed(const Image& picture, const Landmarks& landmarks, const FaceFraming& framing, int px,
                   const Image* beyond = nullptr);

/// Makes it grey: BT.601 luma in all three channels.
void make_grey(CutFace& face);

/// Covers a tenth to a third of the square with a rectangle or an ellipse of noise or of one colour.
void cover_at_random(CutFace& face, std::mt19937_64& random);

}  // namespace affectsr
