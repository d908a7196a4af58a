// What the measures say of one restorer, face by face.
#pragma once

#include <vector>

#include "affectsr/experiment/reading_tally.h"
#include "affectsr/experiment/report.h"
#include "affectsr/experiment/restoration.h"
#include "affectsr/metric/frechet_distance.h"
#include "affectsr/metric/landmark_shift.h"
#include "affectsr/metric/psnr.h"
#include "affectsr/metric/ssim.h"

namespace affectsr {

/// One restorer's figures, under every judge. Not thread-safe.
class RestorationTally {
 public:
    RestorationTally(const RestorationOptions& options, std::size_t judges);
    /// The pictures and points of one face.
    void add_picture(const Judged& face);
    /// Its perceptual distance from the original; `face` carries the features of both.
    void add_features(double distance, const Judged& face);
    /// What judge number `judge` read on it.
    void add_reading(std::size_t judge, const Expression& in_hr, const Expression& in_sr);
    void add_time(double seconds, bool fell_back);
    /// The row of judge number `judge` (restoration.h), without names.
    Json row(std::size_t judge) const;

 private:
    const RestorationOptions& options_;
    Psnr psnr_y_, psnr_rgb_;
    Ssim ssim_y_;
    LandmarkShift landmark_shift_;
    std::vector<ReadingTally> readings_;
    FrechetDistance frechet_distance_;
    std::int64_t faces_ = 0, fell_back_ = 0, seen_ = 0;  // seen: by the feature network
    double seconds_ = 0, distance_sum_ = 0;
};

}  // namespace affectsr
