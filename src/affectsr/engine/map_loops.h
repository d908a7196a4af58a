// Loops over maps beside those of loops.h: mirrored borders, sums and peaks of channels, and where enlargements look.
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

/// Where an enlarged row or column looks, and how much of each.
struct Taps {
    int count = 1;
    std::vector<int> index;     ///< [size, count]
    std::vector<float> weight;  ///< [size, count]
};

/// PyTorch's align_corners=True: x_in = x · (size − 1) / (size · factor − 1), in float as there. Two taps.
Taps corner_taps_of(int size, int factor);
/// PyTorch's align_corners=False: x_in = (x + 0.5) / factor − 0.5, pixels beyond the edge repeat it. `count` is 2 for
/// bilinear, 4 for bicubic.
Taps taps_of(int count, int size, int factor);

}  // namespace affectsr::engine
