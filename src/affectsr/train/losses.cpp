#include "affectsr/train/losses.h"

#include <ATen/ATen.h>

#include <array>

#include "affectsr/base/error.h"

namespace affectsr {

Tensor soft_cross_entropy(const Tensor& logits, const Tensor& target, const HeadLossOptions& options) {
    const Tensor share = target.sum(1, /*keepdim=*/true);
    const Tensor smooth =
        target * (1 - options.smoothing) + share * (options.smoothing / static_cast<double>(target.size(1)));
    return -(smooth * at::log_softmax(logits.to(at::kFloat), 1)).sum(1);
}

Tensor distillation(const Tensor& logits, const Tensor& target, const HeadLossOptions& options) {
    const double t = options.temperature;
    const Tensor share = target.sum(1, /*keepdim=*/true);
    const Tensor soft = target.pow(1 / t);
    const Tensor softened = soft / soft.sum(1, /*keepdim=*/true).clamp_min(1e-12) * share;
    return -(softened * at::log_softmax(logits.to(at::kFloat) / t, 1)).sum(1) * (t * t);
}

Tensor class_factors(const Tensor& target, const HeadLossOptions& options) {
    if (options.class_weights.empty()) return at::ones({target.size(0)}, target.options());
    if (static_cast<std::int64_t>(options.class_weights.size()) != target.size(1))
        throw UsageError("\"class_weights\" of the head " + options.head + ": " +
                         std::to_string(options.class_weights.size()) + " for " + std::to_string(target.size(1)) +
                         " classes");
    const Tensor weights = at::tensor(options.class_weights, at::kDouble).to(target.options());
    return (target * weights).sum(1) / target.sum(1).clamp_min(1e-12);
}

std::span<const HeadLoss> head_loss_catalog() {
    static const std::array catalog{
        HeadLoss{"soft_cross_entropy", "Barsoum et al. 2016, eq. 3", "target", soft_cross_entropy},
        HeadLoss{"distillation", "Hinton et al. 2015, sec. 2", "teacher", distillation},
    };
    return catalog;
}

const HeadLoss& find_head_loss(const std::string& name) {
    std::string known;
    for (const HeadLoss& loss : head_loss_catalog()) {
        if (loss.name == name) return loss;
        known += (known.empty() ? "" : ", ") + loss.name;
    }
    throw UsageError("no loss is called \"" + name + "\"; known are: " + known, "unknown_loss");
}

}  // namespace affectsr
