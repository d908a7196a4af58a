#include "affectsr/train/losses.h"

#include <ATen/ATen.h>

#include "affectsr/base/error.h"

namespace affectsr {

Tensor soft_cross_entropy(const Tensor& logits, const Tensor& target, double smoothing) {
    const Tensor share = target.sum(1);  // [n]: 1, 0 without a target, between them after mixup
    const Tensor smooth =
        target * (1 - smoothing) + share.unsqueeze(1) * (smoothing / static_cast<double>(target.size(1)));
    const Tensor per_face = -(smooth * at::log_softmax(logits.to(at::kFloat), 1)).sum(1);  // [n]
    return per_face.sum() / share.sum().clamp_min(1e-6);
}

HeadLoss find_loss(const std::string& name) {
    if (name == "soft_cross_entropy") return soft_cross_entropy;
    throw UsageError("no loss is called \"" + name + "\"; known are: soft_cross_entropy", "unknown_loss");
}

}  // namespace affectsr
