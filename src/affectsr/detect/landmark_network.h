// A network that finds the points of a face before it has weights: pure data.
#pragma once

#include "affectsr/plan/plan.h"

namespace affectsr {

/// A network that sees one face and says where the 478 points of its mesh lie, how sure it is, and whether this is a
/// face. A value; safe to share.
struct LandmarkNetwork {
    /// Input "in" [n, 3, input_px, input_px]: red, green, blue in [0, 1], framed as cut() (face/align.h) frames a face.
    /// Outputs: "points" [n, 1434]: x, y, z of each point in turn, in pixels of "in" (centres at integers; z away from
    /// the viewer); "error" [n, 1]: natural logarithm of the mean distance by which it expects the points to be off in
    /// the picture plane, over the distance between the outer corners of the eyes; "face" [n, 1]: logit of this being a
    /// face.
    Plan plan;
    int input_px = 64;
};

}  // namespace affectsr
