#include "affectsr/restore/srcnn.h"

#include <torch/torch.h>

#include "affectsr/base/error.h"
#include "affectsr/restore/matlab_bicubic.h"

namespace affectsr {

Plan srcnn_plan(const SrcnnOptions& o) {
    if (o.middle_kernel % 2 == 0)
        throw UsageError("srcnn: \"middle_kernel\" must be 1, 3 or 5, got " + std::to_string(o.middle_kernel));
    if (o.channels != 1 && o.channels != 3)
        throw UsageError("srcnn: \"channels\" must be 1 or 3, got " + std::to_string(o.channels));
    PlanBuilder p;
    Value x = p.relu(p.conv("conv1", p.input(o.channels), 64, {.kernel = 9}));
    x = p.relu(p.conv("conv2", x, 32, {.kernel = o.middle_kernel}));
    return p.finish(p.conv("conv3", x, o.channels, {.kernel = 5}));
}

namespace {

/// BT.601 luma as MATLAB's rgb2ycbcr: [n, 3, h, w] → [n, 1, h, w], all in [0, 1].
Tensor luma_of(const Tensor& rgb) {
    const Tensor weights = torch::tensor({65.481, 128.553, 24.966}, rgb.options()).view({1, 3, 1, 1}) / 255;
    return (rgb * weights).sum(1, /*keepdim=*/true) + 16.0 / 255;
}

}  // namespace

Srcnn::Srcnn(const SrcnnOptions& options) : PlanSrNetwork(srcnn_plan(options), {options.scale}), options_(options) {}

SrOutput Srcnn::forward(const SrInput& input) {
    const int scale = input.scale > 0 ? input.scale : options_.scale;
    const auto enlarged_side = [&](int dim) { return static_cast<int>(input.lr.size(dim)) * scale; };
    const Tensor large = matlab_bicubic(input.lr, enlarged_side(2), enlarged_side(3));  // [n, 3, h·scale, w·scale]
    if (options_.channels == 3) return {PlanModule::forward(large)};
    const Tensor luma = luma_of(large);
    // With Cb and Cr as they are, each colour follows the luma by 255/219: the inverse of BT.601's first column.
    return {large + (PlanModule::forward(luma) - luma) * (255.0 / 219)};
}

}  // namespace affectsr
