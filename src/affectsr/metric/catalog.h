// Every metric, one line each.
#pragma once

#include <span>

#include "affectsr/base/catalog.h"
#include "affectsr/metric/metric.h"

namespace affectsr {

std::span<const Entry<Metric>> metric_catalog();

}  // namespace affectsr
