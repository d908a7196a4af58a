// Pictures and weights ↔ tensors of LibTorch.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "affectsr/image/image.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

using at::Tensor;

/// Pictures of one size → [n, 3, h, w], float32 in [0, 1]; with `channels` 1 → [n, 1, h, w], BT.601 luma.
/// Throws Bug if the sizes differ or there is none.
Tensor to_tensor(std::span<const Image> pictures, int channels = 3);
Tensor to_tensor(const Image& picture, int channels = 3);
/// [3, h, w] or [1, h, w] in [0, 1] → picture; values are clamped and rounded half up. NaN becomes 0.
Image to_image(const Tensor& chw);

/// Copies, element type kept.
Tensor to_tensor(const HostTensor& tensor);
HostTensor to_host(const Tensor& tensor);
}  // namespace affectsr
