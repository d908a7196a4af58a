#include "affectsr/base/random.h"

#include <cmath>
#include <numbers>

namespace affectsr {

double uniform01(std::mt19937_64& random) {
    return unit_interval(random());
}

std::pair<double, double> two_standard_normals(std::mt19937_64& random) {
    const double radius = std::sqrt(-2 * std::log(1 - uniform01(random)));  // 1 − u is never 0
    const double angle = 2 * std::numbers::pi * uniform01(random);
    return {radius * std::cos(angle), radius * std::sin(angle)};
}

}  // namespace affectsr
