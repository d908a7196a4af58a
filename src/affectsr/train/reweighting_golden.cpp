// Golden runner of FSR-FER's re-weighting: weights and the generator's loss, as in the paper and in its code.
#include "affectsr/train/reweighting.h"

#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/tensor.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

HostTensor scalar(const Tensor& value) {
    return to_host(value.detach().view({1}));
}

Tensor squared_distance(const Tensor& a, const Tensor& b) {
    return (a - b).square().flatten(1).sum(1);
}

golden::Outputs run(const golden::Case& one) {
    const auto input = [&one](const char* name) { return to_tensor(one.input(name)); };
    const Tensor logits = input("logits").clone().requires_grad_(true);
    const Tensor target = torch::one_hot(input("label"), logits.size(1)).to(torch::kFloat);
    ReweightingOptions options;
    options.sigma = one.config.at("sigma"), options.r = one.config.at("r");
    options.slope = true;
    const Tensor weight = face_weights(logits, target, options);
    const Tensor judged = input("d_fake"), feature = squared_distance(input("feature_sr"), input("feature_hr")),
                 perceptual = squared_distance(input("c_sr"), input("c_hr"));
    const Tensor of_face = judged + perceptual + feature, sum = (weight * of_face).sum();
    sum.backward();
    ReweightingOptions code = options;
    code.r = 2, code.slope = false;
    const Tensor as_coded = face_weights(logits, target, code);
    return {{"output.p", to_host((options.sigma - weight.detach()).contiguous())},
            {"output.weight", to_host(weight.detach())},
            {"output.l2_per_sample", to_host(feature)},
            {"output.perceptual_per_sample", to_host(perceptual)},
            {"output.loss_sum", scalar(sum)},
            {"output.loss_mean", scalar(sum / static_cast<double>(logits.size(0)))},
            {"output.grad_logits_no_detach", to_host(logits.grad())},
            {"output.weight_code", to_host(as_coded)},
            {"output.loss_g_code", scalar((as_coded * (judged + 0.01 * feature + 10 * perceptual)).mean())},
            {"output.loss_g_paper_unweighted", scalar(of_face.mean())}};
}

const bool kRegistered = golden::register_runner("classification_aware_reweighting", run);

}  // namespace
}  // namespace affectsr
