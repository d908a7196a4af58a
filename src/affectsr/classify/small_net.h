// The default classifier, ours: a squeeze-excitation residual network for 48×48 luma.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/classify/expression_network.h"

namespace affectsr {

/// Shape of a small_net.
struct SmallNetOptions {
    int input_px = 48;
    std::vector<int> widths{64, 128, 256};  ///< channels of each stage; every stage after the first halves the picture
    std::vector<int> depths{2, 3, 2};       ///< residual blocks of each stage
    int excited_stages = 1;                 ///< how many of the last stages weigh their channels
    int squeeze = 8;                        ///< how many times fewer channels the squeeze has
    double dropout = 0.2;                   ///< before the heads
    void fields(auto&& f) {
        f("input_px", input_px, "side of the input in pixels", Range{16, 256});
        f("widths", widths, "channels of each stage", Range{8, 2048});
        f("depths", depths, "residual blocks of each stage", Range{1, 64});
        f("excited_stages", excited_stages, "how many of the last stages have squeeze-excitation", Range{0, 64});
        f("squeeze", squeeze, "reduction inside squeeze-excitation", Range{1, 64});
        f("dropout", dropout, "share of features dropped before the heads, in training", Range{0, 0.9});
    }
};

/// Residual blocks (He et al. 2016, arXiv:1512.03385) with squeeze-excitation (Hu et al. 2018, arXiv:1709.01507) behind
/// a stem of two convolutions, the second of stride 2; "stem", "stage1" and so on are marks, which pictures of other
/// sizes have, too. Two heads share the trunk: `expression` answers, `fer2013` was
/// trained on that set's own labels and serves comparison with papers. Knows the names of its first model files, which
/// begin with "net.". Throws UsageError if widths and depths differ in number.
ExpressionNetwork small_net(const SmallNetOptions& options);

}  // namespace affectsr
