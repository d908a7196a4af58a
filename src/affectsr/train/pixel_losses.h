// How far a restored picture is from the true one, as something to minimise.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <string>

namespace affectsr {

/// A loss on pictures of one shape, [n, c, h, w] each, values about [0, 1]. A scalar: the mean over all values.
struct PixelLoss {
    std::string name, source;
    at::Tensor (*mean)(const at::Tensor& sr, const at::Tensor& hr);
};

/// Every loss on pictures, one line each.
std::span<const PixelLoss> pixel_loss_catalog();

/// The loss called `name`. Throws UsageError that names the known ones.
const PixelLoss& find_pixel_loss(const std::string& name);

}  // namespace affectsr
