#include "affectsr/engine/attention_kernel.h"

#include <algorithm>

#include "affectsr/engine/kernel_parts.h"

namespace affectsr::engine {

namespace {

/// to[i] += factors[k] · rows[k][i] for four rows, so that `to` is read and written once for all of them.
AFFECTSR_INLINE void add_four(float* to, const float* rows, const float* factors, std::size_t count) {
    const float *const a = rows, *const b = a + count, *const c = b + count, *const d = c + count;
    for (std::size_t i = 0; i < count; ++i)
        to[i] += factors[0] * a[i] + factors[1] * b[i] + factors[2] * c[i] + factors[3] * d[i];
}

/// to [count] = Σ factors[k] · rows[k], rows [many, count].
AFFECTSR_INLINE void weighted_sum(float* to, const float* rows, const float* factors, std::size_t many,
                                  std::size_t count) {
    std::fill_n(to, count, 0.0f);
    std::size_t k = 0;
    for (; k + 4 <= many; k += 4) add_four(to, rows + k * count, factors + k, count);
    for (; k < many; ++k)
        for (std::size_t i = 0; i < count; ++i) to[i] += factors[k] * rows[k * count + i];
}

}  // namespace

AFFECTSR_CLONES void attend(const Attended& head, float* weights, float* sum) {
    weighted_sum(weights, head.keys, head.query, head.channels, head.positions);
    const float largest = *std::max_element(weights, weights + head.positions);
    for (std::size_t p = 0; p < head.positions; ++p) weights[p] = exponential(weights[p] - largest);
    double total = 0;
    for (std::size_t p = 0; p < head.positions; ++p) total += static_cast<double>(weights[p]);
    const auto share = static_cast<float>(1 / total);
    for (std::size_t p = 0; p < head.positions; ++p) weights[p] *= share;
    weighted_sum(sum, head.values, weights, head.positions, head.channels);
}

}  // namespace affectsr::engine
