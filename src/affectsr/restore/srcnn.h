// SRCNN: three convolutions that sharpen an enlarged picture, Dong et al. 2016, arXiv:1501.00092.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

/// Shape of an SRCNN: 9-5-5, or 9-1-5 with `middle_kernel` 1.
struct SrcnnOptions {
    int middle_kernel = 5;  ///< 1, 3 or 5
    int channels = 1;       ///< 1: luma, as the paper; 3: colours
    int scale = 4;          ///< of the enlargement before it
    void fields(auto&& f) {
        f("middle_kernel", middle_kernel, "side of the second convolution's kernel: 1, 3 or 5", Range{1, 5});
        f("channels", channels, "1: sharpens luma; 3: colours", Range{1, 3});
        f("scale", scale, "how many times larger the result is", Range{1, 16});
    }
};

/// The three convolutions alone: [n, channels, h, w] enlarged already, in [0, 1] → the same shape. Steps have the names
/// of yjn870/SRCNN-pytorch; the borders are padded with zeros, so that sizes stay. Throws UsageError for other kernels
/// or channels.
Plan srcnn_plan(const SrcnnOptions& options);

/// SRCNN behind MATLAB's bicubic enlargement. With one channel it sharpens the luma of BT.601, Y = (16 + 65.481 R +
/// 128.553 G + 24.966 B) / 255, and the enlargement's Cb and Cr stay. Throws as srcnn_plan.
SrNetwork srcnn(const SrcnnOptions& options);

}  // namespace affectsr
