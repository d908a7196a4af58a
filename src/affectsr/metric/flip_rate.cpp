#include "affectsr/metric/flip_rate.h"

#include <limits>
#include <numeric>

namespace affectsr {

FlipRate::FlipRate(const FlipRateOptions& options) : options_(options), matrix_(options.classes, options.classes) {}

MetricCard FlipRate::card() const {
    return {.name = "flip_rate",
            .unit = "",
            .source = "interval: Efron & Tibshirani 1993, ch. 13",
            .higher_is_better = false,
            .needs_expressions = true};
}

void FlipRate::add(const Judged& face) {
    if (face.in_hr.empty()) {
        ++unread_;
    } else if (face.in_sr.empty()) {
        matrix_.add_unanswered(static_cast<int>(face.in_hr.best()));
    } else {
        matrix_.add(static_cast<int>(face.in_hr.best()), static_cast<int>(face.in_sr.best()));
    }
}

double FlipRate::value() const {
    const std::int64_t faces = matrix_.total();
    if (faces == 0) return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(faces - matrix_.correct()) / static_cast<double>(faces);
}

Interval FlipRate::interval() const {
    return bootstrap_share(matrix_.total() - matrix_.correct(), matrix_.total(), options_.seed, options_.resamples);
}

Json FlipRate::details() const {
    const Interval range = interval();
    std::vector<int> classes(static_cast<std::size_t>(matrix_.answers()));
    std::iota(classes.begin(), classes.end(), 0);
    Json unanswered = Json::array();
    for (const int c : classes) unanswered.push_back(matrix_.unanswered(c));
    return {{"faces", matrix_.total()},          {"flips", matrix_.total() - matrix_.correct()},
            {"low", measure_to_json(range.low)}, {"high", measure_to_json(range.high)},
            {"labels", class_names(classes)},    {"matrix", to_json(matrix_)},
            {"unanswered", unanswered},          {"unread", unread_}};
}

}  // namespace affectsr
