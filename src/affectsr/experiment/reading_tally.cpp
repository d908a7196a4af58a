#include "affectsr/experiment/reading_tally.h"

#include <algorithm>

namespace affectsr {

namespace {

FlipRateOptions flips_of(const Expression& labelled, std::uint64_t seed) {
    FlipRateOptions options;
    options.seed = seed;
    for (const Emotion label : labelled.labels)
        options.classes = std::max(options.classes, static_cast<int>(label) + 1);
    return options;
}

}  // namespace

void ReadingTally::add(const Expression& in_hr, const Expression& in_sr) {
    Judged face;
    face.in_hr = in_hr;
    face.in_sr = in_sr;
    ecm_.add(face);
    if (!flips_ && in_hr.empty()) return;
    if (!flips_) flips_.emplace(flips_of(in_hr, seed_));
    flips_->add(face);
}

Json ReadingTally::row() const {
    Json row{{"ecm", measure_to_json(ecm_.value())},
             {"l_h", measure_to_json(ecm_.histogram_distance())},
             {"l_conf", measure_to_json(ecm_.entropy_change())},
             {"flip_rate", nullptr},
             {"flip_rate_low", nullptr},
             {"flip_rate_high", nullptr},
             {"flips", nullptr},
             {"flip_labels", nullptr}};
    if (!flips_) return row;
    const Json details = flips_->details();
    row["flip_rate"] = measure_to_json(flips_->value());
    row["flip_rate_low"] = details.at("low");
    row["flip_rate_high"] = details.at("high");
    row["flips"] = details.at("matrix");
    row["flip_labels"] = details.at("labels");
    return row;
}

}  // namespace affectsr
