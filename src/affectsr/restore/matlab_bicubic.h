// MATLAB's bicubic enlargement of tensors, with gradients: what networks for enlarged pictures see.
#pragma once

#include "affectsr/learn/tensor.h"

namespace affectsr {

/// [n, c, h, w] → [n, c, height, width] by Filter::bicubic (see image/resize.h), neither rounded nor clamped.
Tensor matlab_bicubic(const Tensor& pictures, int height, int width);

}  // namespace affectsr
