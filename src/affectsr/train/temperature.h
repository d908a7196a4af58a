// How sure a network should be: one temperature for a head.
#pragma once

#include <ATen/core/Tensor.h>

#include <utility>

namespace affectsr {

/// The temperature between 0.2 and 5 by which logits [n, classes] are divided so that the targets [n, classes] are most
/// likely (Guo et al. 2017, arXiv:1706.04599, sec. 4.2). Golden-section search: the loss has one minimum.
double fit_temperature(const at::Tensor& logits, const at::Tensor& target);

/// Rows of logits and targets that have a target, the target made sharp: what is calibrated, and counted as right, is
/// the most voted class.
std::pair<at::Tensor, at::Tensor> labelled_rows(const at::Tensor& logits, const at::Tensor& target);

}  // namespace affectsr
