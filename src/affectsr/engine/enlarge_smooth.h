// Pictures enlarged as PyTorch enlarges them smoothly, and the gradients of that.
#pragma once

#include <optional>
#include <vector>

#include "affectsr/engine/loops.h"

namespace affectsr::engine {

/// Where an enlarged row or column looks, and how much of each.
struct Taps {
    int count = 1;
    std::vector<int> index;     ///< [size, count]
    std::vector<float> weight;  ///< [size, count]
};

/// The taps along a side of `size` pixels of step::EnlargeBilinear (2) and step::EnlargeBicubic (4); nothing for other
/// steps.
std::optional<Taps> taps_of(const Step& step, int size);

/// result = x enlarged, separably: `down` along the height, `across` along the width.
template <class E>
void enlarge_smooth(const Block<E>& x, const Block<E>& result, const Taps& down, const Taps& across, int threads);

/// The gradient of enlarge_smooth's x from that of its result, the transposed sums.
template <class E>
void enlarge_smooth_backward(const Block<E>& x_gradient, const E* gradient, const Taps& down, const Taps& across,
                             int threads);

}  // namespace affectsr::engine
