// Loops over maps beside those of loops.h: mirrored borders, sums and peaks of channels.
#pragma once

#include <vector>

#include "affectsr/engine/loops.h"

namespace affectsr::engine {

/// The margins mirror the picture about the pixels of its edge.
template <class E>
void pad_reflected(const Block<E>& x, const Block<E>& result, const Margins& margins, int threads);

/// Channel g of the result is the sum of those of `x` that groups[g] names.
template <class E>
void sum_channels(const Block<E>& x, const Block<E>& result, const std::vector<std::vector<int>>& groups);

/// Each channel of each picture divided by its largest value, at least by `least`. `scratch`: 2 · channels · pictures.
template <class E>
void divide_by_peak(const Block<E>& x, const Block<E>& result, float least, float* scratch, int threads);

}  // namespace affectsr::engine
