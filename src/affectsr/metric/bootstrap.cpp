#include "affectsr/metric/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "affectsr/base/error.h"
#include "affectsr/base/random.h"

namespace affectsr {

Interval bootstrap_share(std::int64_t hits, std::int64_t count, std::uint64_t seed, int resamples) {
    AFFECTSR_EXPECT(hits >= 0 && hits <= count && resamples >= 1, "a share of at most all faces");
    if (count == 0) return {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
    std::mt19937_64 random(seed);
    std::vector<double> shares;
    for (int r = 0; r < resamples; ++r) {
        std::int64_t drawn = 0;
        // Drawing a face and asking whether it is a hit is asking whether its number lies among the hits.
        for (std::int64_t i = 0; i < count; ++i) {
            drawn += uniform01(random) * static_cast<double>(count) < static_cast<double>(hits);
        }
        shares.push_back(static_cast<double>(drawn) / static_cast<double>(count));
    }
    std::sort(shares.begin(), shares.end());
    const auto at = [&](double quantile) {
        return shares[static_cast<std::size_t>(std::lround(quantile * static_cast<double>(resamples - 1)))];
    };
    return {at(0.025), at(0.975)};
}

}  // namespace affectsr
