// FSR-FER's critic: tells generated expression features from those of large faces.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/plan/plan.h"

namespace affectsr {

/// Shape of the critic.
struct FeatureCriticOptions {
    int features = 8;    ///< channels of the first block; they double up to eight times as many
    int input_px = 128;  ///< side of the matrices that it judges, a multiple of 32
    void fields(auto&& f) {
        f("features", features, "channels of the first block", Range{1, 1024});
        f("input_px", input_px, "side of the matrices that it judges, a multiple of 32", Range{32, 1024});
    }
};

/// [n, 1, input_px, input_px] → [n, 1], the larger the more real, not squashed; for training only. ESRGAN's critic with
/// an eighth of its channels, without norms, and without biases in its convolutions. Steps are named after
/// nanfangAlan/FSRFER's scopes. Marks: "block0" … "block4". Throws UsageError for another side.
Plan feature_critic_plan(const FeatureCriticOptions& options);

}  // namespace affectsr
