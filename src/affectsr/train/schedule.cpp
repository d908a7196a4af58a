#include "affectsr/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace affectsr {

double learning_rate(const ScheduleOptions& s, double done) {
    if (done < s.warm_up) return s.peak * (s.first + (1 - s.first) * done / s.warm_up);
    if (!s.halve_at.empty())
        return std::accumulate(s.halve_at.begin(), s.halve_at.end(), s.peak,
                               [done](double rate, double at) { return done >= at ? rate / 2 : rate; });
    const double fall = std::min(1.0, (done - s.warm_up) / std::max(1 - s.warm_up, 1e-9));
    return s.peak * (s.last + (1 - s.last) * 0.5 * (1 + std::cos(std::numbers::pi * fall)));
}

}  // namespace affectsr
