// CovPoolFER: a face's expression from the covariance of its features, Acharya et al. 2018, arXiv:1805.04855. Its
// matrix logarithms are the features that FSR-FER enlarges.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/classify/expression_network.h"

namespace affectsr {

/// Shape of the network.
struct CovpoolOptions {
    int input_px = 100;
    int width = 64;      ///< channels of the first convolution; the others have 1.5, 2, 2, 4 and 4 times as many
    int hidden = 2000;   ///< features of the first linear layer
    int features = 128;  ///< features of the second
    bool slim = false;   ///< the first linear layer sees a matrix's upper triangle, which is all that there is to see
    void fields(auto&& f) {
        f("input_px", input_px, "side of the input in pixels", Range{16, 512});
        f("width", width, "channels of the first convolution, a multiple of 2", Range{4, 256});
        f("hidden", hidden, "features of the first linear layer", Range{8, 16384});
        f("features", features, "features of the second linear layer", Range{8, 16384});
        f("slim", slim, "let the first linear layer see the upper triangle of the matrix, not all of it");
    }
};

/// [n, 3, px, px] in [0, 1] → "expression" [n, 7]; each picture is first brought to mean 0 and deviation 1, all colours
/// together. Six convolutions, covariance of their features with a ridge of 10⁻⁴ of its trace, BiMap to half the side,
/// eigenvalues clipped to [10⁻⁴, 10⁴] and their logarithm (ReEig and LogEig in one step), three linear layers and one
/// more. Marks: "prewhitened", "conv6" (behind its ReLU), "covariance", "bimap", "feature" (the logarithm [n, 1,
/// 2·width, 2·width], F of FSR-FER), "c" (the second linear layer before its ReLU, C of FSR-FER's eq. 9) and
/// "bottleneck". Batch norms have a scale, which the published ones lack; before a ReLU it changes little. Throws
/// UsageError for an odd `width`. Sources: Acharya et al. 2018; d-acharya/CovPoolFER and nanfangAlan/FSRFER, whose
/// scopes the steps are named after.
Plan covpool_plan(const CovpoolOptions& options);

/// The two halves of covpool_plan(), between which FSR-FER puts its generator: a picture of three channels → "feature",
/// and that → logits [n, 7]. Throw as it does.
Value covpool_feature(PlanBuilder& p, Value picture, const CovpoolOptions& options);
Value covpool_logits(PlanBuilder& p, Value feature, const CovpoolOptions& options);

/// Side of the matrix "feature": half the channels of the last convolution.
int covpool_feature_side(const CovpoolOptions& options);

/// A feature [n, 1, side, side] → "expression" [n, 7], by the names of covpool_plan(); mark "c".
Plan covpool_head_plan(const CovpoolOptions& options);

/// Weights as the published network has them → the plan's: batch norms get the scale 1 that slim leaves out.
TensorMap rename_covpool(TensorMap published);

/// The network of covpool_plan(). Throws as it does.
ExpressionNetwork covpool(const CovpoolOptions& options);

}  // namespace affectsr
