// How far a run is, and the learning rate there.
#pragma once

#include <cstdint>
#include <vector>

#include "affectsr/base/fields.h"

namespace affectsr {

/// How far a run is.
struct RunProgress {
    double done = 0;         ///< share of the whole run, 0 to 1: of its steps, or of its minutes
    std::uint64_t step = 0;  ///< steps done
};

/// One cycle (Smith & Topin 2018, arXiv:1708.07120): linear rise to `peak`, then a cosine down to `peak × last`, or
/// steps down.
struct ScheduleOptions {
    double peak = 0.1;
    double warm_up = 0.15;
    double first = 0.04;
    double last = 0.0005;
    std::vector<double> halve_at = {};
    void fields(auto&& f) {
        f("peak", peak, "highest learning rate", Range{1e-9, 100});
        f("warm_up", warm_up, "share of the run that it rises", Range{0, 1});
        f("first", first, "it starts at this share of the peak", Range{0, 1});
        f("last", last, "it ends at this share of the peak", Range{0, 1});
        f("halve_at", halve_at,
          "shares of the run at which it is halved, instead of the cosine and \"last\"; empty: the cosine");
    }
};

/// The learning rate where a share `done` (0 to 1) of the run is done.
double learning_rate(const ScheduleOptions& schedule, double done);

}  // namespace affectsr
