#include "affectsr/metric/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "affectsr/base/error.h"
#include "affectsr/base/random.h"

namespace affectsr {

namespace {

/// Where the middle 95 of 100 draws lie.
Interval middle_of(std::vector<double> draws) {
    std::sort(draws.begin(), draws.end());
    const auto at = [&](double quantile) {
        return draws[static_cast<std::size_t>(std::lround(quantile * static_cast<double>(draws.size() - 1)))];
    };
    return {at(0.025), at(0.975)};
}

constexpr Interval kNone{std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};

}  // namespace

Interval bootstrap_share(std::int64_t hits, std::int64_t count, std::uint64_t seed, int resamples) {
    AFFECTSR_EXPECT(hits >= 0 && hits <= count && resamples >= 1, "a share of at most all faces");
    if (count == 0) return kNone;
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
    return middle_of(std::move(shares));
}

Interval bootstrap_mean(std::span<const double> values, std::uint64_t seed, int resamples) {
    AFFECTSR_EXPECT(resamples >= 1, "at least one draw");
    if (values.empty()) return kNone;
    std::mt19937_64 random(seed);
    const auto count = static_cast<double>(values.size());
    std::vector<double> means;
    for (int r = 0; r < resamples; ++r) {
        double sum = 0;
        for (std::size_t i = 0; i < values.size(); ++i)
            sum += values[std::min(static_cast<std::size_t>(uniform01(random) * count), values.size() - 1)];
        means.push_back(sum / count);
    }
    return middle_of(std::move(means));
}

}  // namespace affectsr
