#include "affectsr/experiment/restoration_tally.h"

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

}  // namespace

RestorationTally::RestorationTally(const RestorationOptions& options, std::size_t judges)
    : options_(options),
      psnr_y_(compared<PsnrOptions>("y", options.border_px)),
      psnr_rgb_(compared<PsnrOptions>("rgb", options.border_px)),
      ssim_y_(compared<SsimOptions>("y", options.border_px)),
      landmark_shift_(LandmarkShiftOptions{}),
      readings_(judges, ReadingTally(options.ecm, options.seed)),
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
    readings_.at(judge).add(in_hr, in_sr);
}

void RestorationTally::add_time(double seconds, bool fell_back) {
    seconds_ += seconds;
    fell_back_ += fell_back;
}

Json RestorationTally::row(std::size_t judge) const {
    const Json distance = seen_ > 0 ? Json(distance_sum_ / static_cast<double>(seen_)) : Json();
    const bool weighted = !options_.feature_heads.empty();
    Json row{{"scale", options_.scale},
             {"n", faces_},
             {"psnr_y", measure_to_json(psnr_y_.value())},
             {"psnr_rgb", measure_to_json(psnr_rgb_.value())},
             {"ssim_y", measure_to_json(ssim_y_.value())}};
    row.update(readings_.at(judge).row());
    row.update(Json{{"landmark_shift", measure_to_json(landmark_shift_.value())},
                    {"landmark_n", landmark_shift_.details().at("faces")},
                    {"lpips", weighted ? distance : Json()},
                    {"lpips_like", weighted ? Json() : distance},
                    {"frechet_distance", measure_to_json(frechet_distance_.value())},
                    {"fell_back", fell_back_},
                    {"ms_per_face", faces_ > 0 ? Json(1000 * seconds_ / static_cast<double>(faces_)) : Json()}});
    return row;
}

}  // namespace affectsr
