// In which values two records differ, for people to read.
#pragma once

#include <string>

#include "affectsr/base/fields.h"

namespace affectsr {

/// In which values two JSON trees differ, "epochs: 12, now 24; network.options.widths: [8,16], now [8,24]"; empty:
/// they are equal. The first `most` are named and the others counted, long values are cut. Thread-safe.
std::string differences(const Json& before, const Json& now, std::size_t most = 8);

}  // namespace affectsr
