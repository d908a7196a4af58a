// What networks are shown of pictures, as tensors through which gradients pass.
#pragma once

#include <ATen/core/Tensor.h>

namespace affectsr {

/// Square pictures [n, c, s, s] at another size by MATLAB's bicubic (Filter::bicubic), neither rounded nor clamped; as
/// they are if they have it already. Float32.
at::Tensor bicubic_resized(const at::Tensor& pictures, int px);

/// [n, 3, h, w] as a network of so many channels sees it: itself, or with 1 its BT.601 luma [n, 1, h, w].
at::Tensor in_channels(const at::Tensor& pictures, int channels);

}  // namespace affectsr
