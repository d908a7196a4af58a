#include "affectsr/train/picture_gradient.h"

#include <vector>

#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/tensor.h"

namespace affectsr {

PictureGradient::PictureGradient(const Tensor& pictures) : pictures_(pictures), sum_(torch::zeros_like(pictures)) {}

void PictureGradient::add(const Tensor& loss, double limit) {
    if (!loss.requires_grad()) return;  // a loss for which these faces have nothing
    // Kept: other losses look at what this one's network saw.
    Tensor gradient = torch::autograd::grad({loss}, {pictures_}, {}, /*retain_graph=*/true)[0];
    const torch::NoGradGuard no_grad;
    const Tensor norms = gradient.flatten(1).norm(2, 1);
    if (!first_norms_.defined()) {
        first_norms_ = norms;
    } else if (limit > 0) {
        const Tensor shares = (limit * first_norms_ / norms.clamp_min(1e-30)).clamp_max(1);
        std::vector<std::int64_t> shape(static_cast<std::size_t>(gradient.dim()), 1);
        shape[0] = -1;
        gradient = gradient * shares.view(shape);
    }
    sum_ += gradient;
}

}  // namespace affectsr
