#include "affectsr/experiment/restoration_tally.h"

#include <algorithm>

namespace affectsr {

namespace {

/// PsnrOptions or SsimOptions for these channels.
template <class Options>
Options compared(const char* channels, int border_px) {
    Options options;
    options.channels = channels;
    options.border_px = border_px;
    return options;
}

FlipRateOptions flips_of(const Expression& labelled, std::uint64_t seed) {
    FlipRateOptions options;
    options.seed = seed;
    for (const Emotion label : labelled.labels)
        options.classes = std::max(options.classes, static_cast<int>(label) + 1);
    return options;
}

}  // namespace

RestorationTally::RestorationTally(const RestorationOptions& options, std::size_t judges)
    : options_(options),
      psnr_y_(compared<PsnrOptions>("y", options.border_px)),
      psnr_rgb_(compared<PsnrOptions>("rgb", options.border_px)),
      ssim_y_(compared<SsimOptions>("y", options.border_px)),
      landmark_shift_(LandmarkShiftOptions{}),
      ecm_(judges, Ecm(options.ecm)),
      flips_(judges),
      frechet_distance_({options.features.substr(0, options.features.find('='))}) {}

void RestorationTally::add_picture(const Judged& face) {
    ++faces_;
    psnr_y_.add(face);
    psnr_rgb_.add(face);
    ssim_y_.add(face);
    landmark_shift_.add(face);
}

void RestorationTally::add_features(double distance, const Judged& face) {
    ++seen_;
    distance_sum_ += distance;
    frechet_distance_.add(face);
}

void RestorationTally::add_reading(std::size_t judge, const Expression& in_hr, const Expression& in_sr) {
    Judged face;
    face.in_hr = in_hr;
    face.in_sr = in_sr;
    ecm_.at(judge).add(face);
    if (!flips_[judge]) flips_[judge].emplace(flips_of(in_hr, options_.seed));
    flips_[judge]->add(face);
}

void RestorationTally::add_time(double seconds, bool fell_back) {
    seconds_ += seconds;
    fell_back_ += fell_back;
}

Json RestorationTally::row(std::size_t judge) const {
    const Ecm& ecm = ecm_.at(judge);
    const Json distance = seen_ > 0 ? Json(distance_sum_ / static_cast<double>(seen_)) : Json();
    const bool weighted = !options_.feature_heads.empty();
    Json row{{"scale", options_.scale},
             {"n", faces_},
             {"psnr_y", measure_to_json(psnr_y_.value())},
             {"psnr_rgb", measure_to_json(psnr_rgb_.value())},
             {"ssim_y", measure_to_json(ssim_y_.value())},
             {"ecm", measure_to_json(ecm.value())},
             {"l_h", measure_to_json(ecm.histogram_distance())},
             {"l_conf", measure_to_json(ecm.entropy_change())},
             {"flip_rate", nullptr},
             {"flip_rate_low", nullptr},
             {"flip_rate_high", nullptr},
             {"flips", nullptr},
             {"flip_labels", nullptr},
             {"landmark_shift", measure_to_json(landmark_shift_.value())},
             {"landmark_n", landmark_shift_.details().at("faces")},
             {"lpips", weighted ? distance : Json()},
             {"lpips_like", weighted ? Json() : distance},
             {"frechet_distance", measure_to_json(frechet_distance_.value())},
             {"fell_back", fell_back_},
             {"ms_per_face", faces_ > 0 ? Json(1000 * seconds_ / static_cast<double>(faces_)) : Json()}};
    if (!flips_[judge]) return row;
    const Json details = flips_[judge]->details();
    row["flip_rate"] = measure_to_json(flips_[judge]->value());
    row["flip_rate_low"] = details.at("low");
    row["flip_rate_high"] = details.at("high");
    row["flips"] = details.at("matrix");
    row["flip_labels"] = details.at("labels");
    return row;
}

}  // namespace affectsr
