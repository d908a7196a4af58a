// FSR-FER's generator: the expression features of a large face from those of a small one.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/plan/plan.h"

namespace affectsr {

/// Shape of the generator.
struct FeatureGeneratorOptions {
    int features = 32;  ///< channels of the trunk
    int growth = 16;    ///< channels that each convolution of a dense block adds
    int blocks = 6;     ///< residual-in-residual dense blocks
    bool norm = true;   ///< a batch norm behind every convolution of the dense blocks: the code has it, the paper not
    void fields(auto&& f) {
        f("features", features, "channels of the trunk", Range{4, 1024});
        f("growth", growth, "channels that each convolution of a dense block adds", Range{1, 512});
        f("blocks", blocks, "residual-in-residual dense blocks", Range{1, 128});
        f("norm", norm, "batch norm behind every convolution of the dense blocks, as the published code has it");
    }
};

/// [n, 1, h, w] → the same shape: covpool's "feature" as a picture of one channel. ESRGAN's trunk with fewer channels
/// (FSR-FER, sec. 3.4), then two convolutions of 8 × 8, 3 zeros before and 4 after; nothing is added to the input, and
/// nothing makes the result symmetric. The published code never lets its norms gather statistics: they stay at mean 0
/// and variance 1, a scale and a shift that are learned. Who learns with `norm` has the same by playing in eval mode.
/// Steps are named after nanfangAlan/FSRFER's scopes. Marks: "first_conv", "rrdb0", "rrdb1", ….
/// Part of a larger plan, its steps' names begin with `prefix`.
Value generated_feature(PlanBuilder& p, const std::string& prefix, Value feature,
                        const FeatureGeneratorOptions& options);

/// The same as a plan of its own.
Plan feature_generator_plan(const FeatureGeneratorOptions& options);

}  // namespace affectsr
