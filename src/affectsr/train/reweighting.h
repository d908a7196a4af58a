// FSR-FER's classification-aware re-weighting: faces that are read wrongly count more.
#pragma once

#include <ATen/core/Tensor.h>

#include "affectsr/base/fields.h"

namespace affectsr {

/// w = (sigma − p)^r, p the probability of the true class. Source: FSR-FER, eq. 11.
struct ReweightingOptions {
    bool on = true;
    double sigma = 1.5;
    double r = 1;
    bool slope = false;
    bool critic = false;
    void fields(auto&& f) {
        f("on", on, "faces that are read wrongly count more in the generator's losses; off: all count 1");
        f("sigma", sigma, "a weight is (sigma - p)^r, p the probability of the true class", Range{1, 100});
        f("r", r, "its power (FSR-FER's published code: 2)", Range{0, 16});
        f("slope", slope, "the generator may also lower its loss by raising p, as in FSR-FER's published code");
        f("critic", critic, "the critic's two means are weighted, too, as in FSR-FER's published code");
    }
};

/// [n]: the weight of every face, 1 where re-weighting is off or a face has no target. `logits` [n, 7] of the generated
/// features, `target` [n, 7]: rows that sum to 1, or to 0 where nothing is known; p is the mean of the probabilities
/// under it.
at::Tensor face_weights(const at::Tensor& logits, const at::Tensor& target, const ReweightingOptions& options);

}  // namespace affectsr
