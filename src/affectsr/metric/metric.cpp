#include "affectsr/metric/metric.h"

#include <cmath>

namespace affectsr {

Json measure_to_json(double value) {
    return std::isfinite(value) ? Json(value) : Json();
}

}  // namespace affectsr
