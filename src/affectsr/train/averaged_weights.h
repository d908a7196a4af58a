// The exponential moving average of a network's weights.
#pragma once

#include <torch/nn/module.h>

#include <cstdint>

namespace affectsr {

/// Moves every parameter and running statistic of `average` towards those of `learning`: a ← d·a + (1 − d)·w, with
/// d = min(decay, (1 + step) / (10 + step)), so that the first steps, far from where the run ends, are soon forgotten
/// (Tarvainen & Valpola 2017, arXiv:1703.01780, sec. 3; the rise is TensorFlow's ExponentialMovingAverage). Counters
/// are copied. Both modules are of one plan and lie on one device; step counts from 0.
void move_average(torch::nn::Module& average, const torch::nn::Module& learning, double decay, std::uint64_t step);

}  // namespace affectsr
