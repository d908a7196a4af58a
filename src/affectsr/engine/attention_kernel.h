// One query of an attention, in float32.
#pragma once

#include <cstddef>

namespace affectsr::engine {

/// What a query meets within its head.
struct Attended {
    const float* query;   ///< [channels], already divided by √channels
    const float* keys;    ///< [channels, positions]
    const float* values;  ///< [positions, channels]
    std::size_t channels, positions;
};

/// sum [channels] = softmax(query · keys) · values; `weights` [positions] is written on the way.
void attend(const Attended& head, float* weights, float* sum);

}  // namespace affectsr::engine
