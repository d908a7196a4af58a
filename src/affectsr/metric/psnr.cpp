#include "affectsr/metric/psnr.h"

#include <cmath>
#include <limits>

namespace affectsr {

double psnr_db(const Image& hr, const Image& sr, const PsnrOptions& options) {
    expect_same_size(hr, sr);
    const std::vector<Plane> truth = compared_planes(hr, options), judged = compared_planes(sr, options);
    double squares = 0;
    std::size_t count = 0;
    for (std::size_t c = 0; c < truth.size(); ++c) {
        for (std::size_t i = 0; i < truth[c].values.size(); ++i) {
            const double difference = truth[c].values[i] - judged[c].values[i];
            squares += difference * difference;
        }
        count += truth[c].values.size();
    }
    const double error = squares / static_cast<double>(count) / (255.0 * 255.0) + options.error_floor;
    return error == 0 ? std::numeric_limits<double>::infinity() : -10 * std::log10(error);
}

MetricCard Psnr::card() const {
    return {.name = "psnr",
            .unit = "dB",
            .source = "Wang et al. 2004, doi:10.1109/TIP.2003.819861",
            .higher_is_better = true,
            .needs_pictures = true};
}

void Psnr::add(const Judged& face) {
    AFFECTSR_EXPECT(face.hr && face.sr, "psnr compares two pictures");
    const double db = psnr_db(*face.hr, *face.sr, options_);
    ++faces_;
    if (std::isinf(db))
        ++equal_;
    else
        sum_db_ += db;
}

double Psnr::value() const {
    if (faces_ == 0) return std::numeric_limits<double>::quiet_NaN();
    return equal_ > 0 ? std::numeric_limits<double>::infinity() : sum_db_ / static_cast<double>(faces_);
}

Json Psnr::details() const {
    const std::int64_t differing = faces_ - equal_;
    return {{"faces", faces_},
            {"equal", equal_},
            {"mean_of_differing_db", differing > 0 ? Json(sum_db_ / static_cast<double>(differing)) : Json()}};
}

}  // namespace affectsr
