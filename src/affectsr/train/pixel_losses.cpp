#include "affectsr/train/pixel_losses.h"

#include <ATen/ATen.h>

#include <array>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

at::Tensor l1(const at::Tensor& sr, const at::Tensor& hr) {
    return at::l1_loss(sr, hr);
}

at::Tensor l2(const at::Tensor& sr, const at::Tensor& hr) {
    return at::mse_loss(sr, hr);
}

/// √(d² + ε²), with BasicSR's ε² = 1e-12.
at::Tensor charbonnier(const at::Tensor& sr, const at::Tensor& hr) {
    return ((sr - hr).square() + 1e-12).sqrt().mean();
}

}  // namespace

std::span<const PixelLoss> pixel_loss_catalog() {
    static const std::array catalog{
        PixelLoss{"l1", "mean absolute difference; Zhao et al. 2017, arXiv:1511.08861", l1},
        PixelLoss{"l2", "mean squared difference; Dong et al. 2016, arXiv:1501.00092, eq. 4", l2},
        PixelLoss{"charbonnier", "Lai et al. 2017, arXiv:1704.03915, eq. 2", charbonnier},
    };
    return catalog;
}

const PixelLoss& find_pixel_loss(const std::string& name) {
    std::string known;
    for (const PixelLoss& loss : pixel_loss_catalog()) {
        if (loss.name == name) return loss;
        known += (known.empty() ? "" : ", ") + loss.name;
    }
    throw UsageError("no loss on pictures is called \"" + name + "\"; known are: " + known, "unknown_loss");
}

}  // namespace affectsr
