#include "affectsr/metric/catalog.h"

#include <array>

#include "affectsr/metric/accuracy.h"
#include "affectsr/metric/balanced_accuracy.h"
#include "affectsr/metric/calibration.h"
#include "affectsr/metric/confusion.h"
#include "affectsr/metric/ecm.h"
#include "affectsr/metric/f1.h"
#include "affectsr/metric/flip_rate.h"
#include "affectsr/metric/frechet_distance.h"
#include "affectsr/metric/kappa.h"
#include "affectsr/metric/landmark_shift.h"
#include "affectsr/metric/psnr.h"
#include "affectsr/metric/ssim.h"

namespace affectsr {

namespace {

template <class Kind, class Options>
Entry<Metric> metric(const std::string& name) {
    return entry<Metric, Kind, Options>(name, Kind(Options{}).card().source);
}

}  // namespace

// To add one: write metric/NAME.{h,cpp} and its test with a golden value, and give it a line here.
std::span<const Entry<Metric>> metric_catalog() {
    static const std::array kMetrics{
        metric<Psnr, PsnrOptions>("psnr"),
        metric<Ssim, SsimOptions>("ssim"),
        metric<Accuracy, AccuracyOptions>("accuracy"),
        metric<BalancedAccuracy, ClassOptions>("balanced_accuracy"),
        metric<F1, F1Options>("f1"),
        metric<Confusion, ClassOptions>("confusion"),
        metric<Kappa, ClassOptions>("kappa"),
        metric<Calibration, CalibrationOptions>("calibration"),
        metric<Ecm, EcmOptions>("ecm"),
        metric<FlipRate, FlipRateOptions>("flip_rate"),
        metric<LandmarkShift, LandmarkShiftOptions>("landmark_shift"),
        metric<FrechetDistance, FrechetOptions>("frechet_distance"),
    };
    return kMetrics;
}

}  // namespace affectsr
