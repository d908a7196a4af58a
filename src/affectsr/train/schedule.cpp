#include "affectsr/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace affectsr {

double learning_rate(const ScheduleOptions& s, double done) {
    if (done < s.warm_up) return s.peak * (s.first + (1 - s.first) * done / s.warm_up);
    const double fall = std::min(1.0, (done - s.warm_up) / std::max(1 - s.warm_up, 1e-9));
    return s.peak * (s.last + (1 - s.last) * 0.5 * (1 + std::cos(std::numbers::pi * fall)));
}

}  // namespace affectsr
