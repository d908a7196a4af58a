#include "affectsr/train/reweighting.h"

#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/tensor.h"

namespace affectsr {

Tensor face_weights(const Tensor& logits, const Tensor& target, const ReweightingOptions& options) {
    const Tensor known = target.sum(1);
    if (!options.on) return torch::ones_like(known);
    const Tensor p = (logits.softmax(1) * target).sum(1) / known.clamp_min(1e-6);
    const Tensor weights = torch::where(known > 0, (options.sigma - p).pow(options.r), torch::ones_like(p));
    return options.slope ? weights : weights.detach();
}

}  // namespace affectsr
