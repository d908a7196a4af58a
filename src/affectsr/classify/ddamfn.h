// DDAMFN, a MobileFaceNet with kernels of mixed sizes and attention along both directions: Zhang et al. 2023,
// doi:10.3390/electronics12173595. DDAMFN++ is the same network, trained otherwise.
#pragma once

#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/classify/expression_network.h"

namespace affectsr {

/// Shape of a DDAMFN.
struct DdamfnOptions {
    int input_px = 112;
    std::vector<int> blocks{9, 16, 6};
    int attention_heads = 2;
    void fields(auto&& f) {
        f("input_px", input_px, "side of the input in pixels, a multiple of 16", Range{32, 1024});
        f("blocks", blocks, "residual blocks of the three stages", Range{1, 64});
        f("attention_heads", attention_heads, "attention maps, of which every pixel gets the largest", Range{1, 16});
    }
};

/// [n, 3, px, px] in [0, 1] → "expression" [n, 7]; colours are normalised by ImageNet's statistics first. Steps have
/// the authors' names. Marks: "features.0", "features.3", "features.5", "features.8" (stages; the last is [n, 512,
/// px/16, px/16]), "attention" (the heads' maps one after the other, [n, 512 · heads, px/16, px/16]).
///
/// Exact with weights that are given. Learning differs from the authors' in two places: the norm of an attention sees
/// each direction's positions by themselves, not together, and a head's kernel of 1 × px/16 lies in one of px/16 ×
/// px/16, whose zeros may grow. Throws UsageError unless `input_px` is a multiple of 16
/// and `blocks` names three stages.
Plan ddamfn_plan(const DdamfnOptions& options);

/// The network of ddamfn_plan. Published checkpoints have its names; what they have and no answer reads (a norm of the
/// logits, norms and slopes of the mixed convolutions, a convolution in each head) is left aside. Their classes are
/// neutral, happy, sad, surprise, fear, disgust, angry by the authors' scripts; eight classes do not fit.
ExpressionNetwork ddamfn(const DdamfnOptions& options);

}  // namespace affectsr
