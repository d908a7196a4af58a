// How likely and how well calibrated answers are at a temperature, and the temperatures that fit them best.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "affectsr/classify/temperatures.h"
#include "affectsr/face/expression.h"

namespace affectsr {

/// One answer that a temperature is fitted to.
struct RawAnswer {
    std::array<double, kExpressionClasses> log_probability;  ///< at temperature 1
    int truth = 0;                                           ///< index of the class
};

/// The temperature on [0.2, 5] under which the truths are likeliest (least mean negative log likelihood, Guo et al.
/// 2017), by golden-section search: over the inverse temperature the loss is convex. Throws Bug for no answers.
double fit_temperature(std::span<const RawAnswer> answers);

/// The answers at one size.
struct SizedAnswers {
    double size_px = 0;
    std::span<const RawAnswer> answers;
};

/// The temperatures at the smallest and the largest size, each on [0.2, 5], between which it is linear over log2 of the
/// size and under which the truths of all sizes are likeliest, every size weighing the same. Throws Bug for fewer than
/// two sizes, or one without answers; sizes ascend.
std::vector<TemperatureBySize::Point> fit_line(std::span<const SizedAnswers> sizes);

/// Mean negative log likelihood of the truths at a temperature; `answers` are not empty. So for the two below.
double likelihood_loss(std::span<const RawAnswer> answers, double temperature);
/// Expected calibration error at a temperature, 15 bins (metric/calibration.h).
double calibration_error(std::span<const RawAnswer> answers, double temperature);
/// Share whose most probable class is the truth; a temperature does not change it.
double accuracy(std::span<const RawAnswer> answers);

}  // namespace affectsr
