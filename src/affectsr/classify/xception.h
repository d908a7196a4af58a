// Arriaga's XCEPTION networks for expressions: Arriaga et al. 2017, arXiv:1710.07557; Chollet 2017, arXiv:1610.02357.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/classify/expression_network.h"

namespace affectsr {

/// Shape of a small XCEPTION of residual separable convolutions, 64 px and grey as published.
struct MiniXceptionOptions {
    int input_px = 64;
    int width = 8;  ///< channels of the two first convolutions; the four blocks have 2, 4, 8 and 16 times as many
    void fields(auto&& f) {
        f("input_px", input_px, "side of the input in pixels", Range{32, 1024});
        f("width", width, "channels of the first convolutions", Range{1, 1024});
    }
};

/// The same of the larger one.
struct BigXceptionOptions {
    int input_px = 64;
    int width = 32;  ///< channels of the first convolution; the second has 2, the two blocks 4 and 8 times as many
    void fields(auto&& f) {
        f("input_px", input_px, "side of the input in pixels", Range{32, 1024});
        f("width", width, "channels of the first convolution", Range{1, 1024});
    }
};

/// [n, 1, h, w] in [0, 1] → "expression" [n, 7]: logits, which the published networks follow with a softmax. Pools and
/// strided convolutions are padded as Keras' "same", which depends on the side: the plan is for pictures of `input_px`.
/// Steps have the Keras layers' names, parameters PyTorch's ("conv2d_1.weight"). Published weights may have Keras'
/// ("conv2d_1.kernel", "separable_conv2d_1.depthwise_kernel", "batch_normalization_1.gamma") with kernels
/// [out, in/groups, k, k].
/// Their classes are, in the order of the outputs, angry, disgust, fear, happy, sad, surprise, neutral.
/// Source: oarriaga/face_classification, models/cnn.py, mini_XCEPTION and big_XCEPTION.
ExpressionNetwork mini_xception(const MiniXceptionOptions& options);
ExpressionNetwork big_xception(const BigXceptionOptions& options);

}  // namespace affectsr
