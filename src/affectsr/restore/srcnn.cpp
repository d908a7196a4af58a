#include "affectsr/restore/srcnn.h"

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

/// Dong et al. 2016, sec. 3.1: patches, a mapping, reconstruction.
Value sharpen(PlanBuilder& p, Value x, const SrcnnOptions& o) {
    const int channels = p.channels(x);
    x = p.relu(p.conv("conv1", x, 64, {.kernel = 9}));
    x = p.relu(p.conv("conv2", x, 32, {.kernel = o.middle_kernel}));
    return p.conv("conv3", x, channels, {.kernel = 5});
}

/// BT.601 luma as MATLAB's rgb2ycbcr: [n, 3, h, w] → [n, 1, h, w], all in [0, 1].
Value luma_of(PlanBuilder& p, Value rgb) {
    const Value parts = p.scale(rgb, {65.481f / 255, 128.553f / 255, 24.966f / 255});
    const Value sum = p.add(p.add(p.slice(parts, 0, 1), p.slice(parts, 1, 2)), p.slice(parts, 2, 3));
    return p.shift(sum, 16.0 / 255);
}

/// Throws unless kernels and channels are those of an SRCNN.
void check(const SrcnnOptions& o) {
    if (o.middle_kernel % 2 == 0)
        throw UsageError("srcnn: \"middle_kernel\" must be 1, 3 or 5, got " + std::to_string(o.middle_kernel));
    if (o.channels != 1 && o.channels != 3)
        throw UsageError("srcnn: \"channels\" must be 1 or 3, got " + std::to_string(o.channels));
}

/// [n, 3, h, w] → the same shape, its luma sharpened.
Plan luma_plan(const SrcnnOptions& o) {
    PlanBuilder p;
    const Value large = p.input(3), luma = luma_of(p, large);
    // With Cb and Cr as they are, each colour follows the luma by 255/219: the inverse of BT.601's first column.
    const Value change = p.scale(p.add(sharpen(p, luma, o), p.scale(luma, -1)), 255.0 / 219);
    return p.finish(p.add(large, p.concat({change, change, change})));
}

}  // namespace

Plan srcnn_plan(const SrcnnOptions& o) {
    check(o);
    PlanBuilder p;
    return p.finish(sharpen(p, p.input(o.channels), o));
}

SrNetwork srcnn(const SrcnnOptions& o) {
    check(o);
    SrNetwork network = enlarging_network(o.channels == 1 ? luma_plan(o) : srcnn_plan(o), o.scale);
    network.enlarged_first = o.scale;
    return network;
}

}  // namespace affectsr
