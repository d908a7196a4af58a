// A super-resolution network before it has weights: pure data.
#pragma once

#include <functional>

#include "affectsr/plan/plan.h"
#include "affectsr/restore/restorer.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// The coordinates of the landmarks of a face whose landmarks nobody knows, in pixels: so far outside every picture
/// that nothing is placed on it. A power of two: exact in bfloat16, and so are sums of it.
inline constexpr float kNowherePx = -65536;

/// A network that makes small faces large. A value; safe to share.
struct SrNetwork {
    /// Its input "in" is [n, 3, h, w] in [0, 1], its output "out" [n, 3, h·f, w·f], about [0, 1] and not clamped.
    /// Whatever range published weights want is a step of the plan. Further outputs are pictures like "out" that the
    /// network made before it; training holds them to the same truth. Where needs.landmarks is set, the input
    /// "landmarks" is [n, 3, landmarks, 1]: x, y and z of each, in pixels of "in" (centres at integers), or all of them
    /// kNowherePx.
    Plan plan;
    RestorerNeeds needs;     ///< its scale, and what a crop must be or carry
    int enlarged_first = 1;  ///< "in" is the crop enlarged so many times by MATLAB's bicubic
    int multiple = 1;        ///< the sides of "in" are multiples of this
    /// Weights as others publish them, under the names of the plan; what is not known keeps its name. Empty: they have
    /// the same names.
    std::function<TensorMap(TensorMap)> rename_published = nullptr;

    /// rename_published, where there is one.
    TensorMap renamed(TensorMap published) const {
        return rename_published ? rename_published(std::move(published)) : std::move(published);
    }
};

/// How many times larger "out" is than "in".
int plan_factor(const SrNetwork& network);

/// A network of one plan that enlarges its input `scale` times.
SrNetwork enlarging_network(Plan plan, int scale);

/// A network of one plan that makes a face of `size_px` of a crop of `size_px`, however small the face was, framed by
/// the crop template `framing`.
SrNetwork restoring_network(Plan plan, int size_px, const std::string& framing);

}  // namespace affectsr
