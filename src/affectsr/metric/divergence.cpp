#include "affectsr/metric/divergence.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {

double jensen_shannon_bits(std::span<const float> p, std::span<const float> q) {
    AFFECTSR_EXPECT(!p.empty() && p.size() == q.size(), "two distributions over the same classes");
    double bits = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double a = std::max(0.0, double{p[i]}), b = std::max(0.0, double{q[i]}), mean = (a + b) / 2;
        if (a > 0) bits += a / 2 * std::log2(a / mean);
        if (b > 0) bits += b / 2 * std::log2(b / mean);
    }
    return std::clamp(bits, 0.0, 1.0);
}

}  // namespace affectsr
