// ESRGAN's critic: a VGG-style network that tells restored faces from real ones, Wang et al. 2018, arXiv:1809.00219.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/plan/plan.h"

namespace affectsr {

/// Shape of the critic.
struct VggDiscriminatorOptions {
    int features = 64;       ///< channels of the first stage; they double up to eight times as many
    int input_px = 128;      ///< 128 or 256
    bool batch_norm = true;  ///< FSR-FER's critic has none
    void fields(auto&& f) {
        f("features", features, "channels of the first stage", Range{4, 1024});
        f("input_px", input_px, "side of the pictures that it judges: 128 or 256", Range{128, 256});
        f("batch_norm", batch_norm, "batch norm after every convolution but the first");
    }
};

/// [n, 3, input_px, input_px] → [n, 1], the larger the more real, not squashed; for training only. Steps have the names
/// of BasicSR's VGGStyleDiscriminator. Marks: "bn0_1" … "bn4_1" (before the activations), "linear1". Without
/// `batch_norm` the convolutions have biases. Throws UsageError for another side.
Plan vgg_discriminator_plan(const VggDiscriminatorOptions& options);

}  // namespace affectsr
