// Loops over points: sparse sums of positions, points placed on a map, softmax over stretches of channels.
#pragma once

#include <cstddef>
#include <vector>

#include "affectsr/engine/loops.h"

namespace affectsr::engine {

/// The links of a step by the position that they lead to.
struct PositionMixing {
    explicit PositionMixing(const step::MixPositions& mix);
    std::vector<PositionLink> links;
    std::vector<std::size_t> first;  ///< [positions + 1], in `links`
};

/// Every position of `result` is the weighted sum of positions of `x`; summed in float32.
template <class E>
void mix_positions(const Block<E>& x, const Block<E>& result, const PositionMixing& mixing, int threads);

/// Floats of scratch that a splat onto such maps wants.
std::size_t splat_scratch(const ValueShape& map, int pictures);

/// Places `points` on `map` (step::Splat); `places` is [n, coordinates, points] as the caller feeds it. `scratch` has
/// the floats of splat_scratch. Summed in float32; places that are not finite are left out.
template <class E>
void splat(const Block<E>& points, const float* places, int coordinates, const Block<E>& map, float* scratch,
           int threads);

/// e^x / Σ e^x over channel c of every part, for each c and position.
template <class E>
void softmax_over_parts(const Block<E>& x, const Block<E>& result, int parts);

}  // namespace affectsr::engine
