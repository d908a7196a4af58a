#include "affectsr/learn/sync_batch_norm.h"

#include "affectsr/learn/libtorch.h"

namespace affectsr {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Keeps who shares the statistics from the forward to the backward pass.
struct KeptShare : torch::CustomClassHolder {
    explicit KeptShare(SharedStatistics s) : shared(std::move(s)) {}
    SharedStatistics shared;
};

/// Two per-channel tensors → their means over all ranks, in double so that a difference of them loses nothing.
std::pair<Tensor, Tensor> averaged(const Tensor& first, const Tensor& second, const SharedStatistics& shared) {
    Tensor both = torch::stack({first.to(torch::kDouble), second.to(torch::kDouble)});  // [2, c]
    shared.average(both);
    return {both[0], both[1]};
}

/// (x − mean) / √(variance + epsilon) · weight + bias
Tensor normalised(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& mean, const Tensor& variance,
                  double epsilon) {
    return std::get<0>(torch::native_batch_norm(x, weight, bias, mean, variance, false, 0, epsilon));
}

class SyncBatchNormFunction : public torch::autograd::Function<SyncBatchNormFunction> {
 public:
    static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, const Tensor& bias,
                          const Tensor& running_mean, const Tensor& running_var, double momentum, double epsilon,
                          const c10::intrusive_ptr<KeptShare>& kept) {
        const SharedStatistics& shared = kept->shared;
        std::vector<std::int64_t> all_but_channels{0};
        for (std::int64_t d = 2; d < x.dim(); ++d) all_but_channels.push_back(d);
        const auto [own_variance, own_mean] = torch::var_mean(x.to(torch::kFloat), all_but_channels, false);
        const Tensor own = own_mean.to(torch::kDouble);
        const auto [mean, square] = averaged(own, own_variance.to(torch::kDouble) + own * own, shared);
        const Tensor variance = (square - mean * mean).clamp_min(0);

        const auto values = static_cast<double>(x.numel() / x.size(1)) * shared.ranks;  // per channel
        Tensor moving_mean = running_mean, moving_var = running_var;
        moving_mean.lerp_(mean.to(moving_mean.scalar_type()), momentum);
        moving_var.lerp_((variance * (values / std::max(values - 1, 1.0))).to(moving_var.scalar_type()), momentum);

        const Tensor mean_f = mean.to(torch::kFloat), variance_f = variance.to(torch::kFloat);
        context->save_for_backward({x, weight, mean_f, variance_f});
        context->saved_data["epsilon"] = epsilon;
        context->saved_data["shared"] = c10::IValue::make_capsule(kept);
        return normalised(x, weight, bias, mean_f, variance_f, epsilon);
    }

    /// With g the gradient of y and x̂ the normalised x, means over the union of the batches:
    /// ∂x = weight / √(variance + epsilon) · (g − mean(g) − x̂ · mean(g · x̂)); algorithm 1's chain rule.
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const Tensor &x = saved[0], &weight = saved[1], &mean = saved[2], &variance = saved[3];
        const double epsilon = context->saved_data["epsilon"].toDouble();
        const auto kept = c10::static_intrusive_pointer_cast<KeptShare>(context->saved_data["shared"].toCapsule());
        const Tensor g = gradients[0].to(x.scalar_type()).contiguous(x.suggest_memory_format());
        // As if the statistics were constants: this gives the first term and both sums.
        const auto [direct, g_weight, g_bias] =
            torch::native_batch_norm_backward(g, x, weight, mean, variance, {}, {}, false, epsilon, {true, true, true});
        const double values = static_cast<double>(x.numel() / x.size(1));
        const auto [mean_g, mean_gx] = averaged(g_bias / values, g_weight / values, kept->shared);
        const Tensor slope = weight * torch::rsqrt(variance + epsilon);
        const Tensor through_statistics =
            normalised(x, slope * mean_gx.to(torch::kFloat), slope * mean_g.to(torch::kFloat), mean, variance, epsilon);
        return {direct - through_statistics, g_weight, g_bias, {}, {}, {}, {}, {}};
    }
};

}  // namespace

Tensor sync_batch_norm(const Tensor& x, const BatchNormTensors& tensors, double momentum, double epsilon,
                       const SharedStatistics& shared) {
    return SyncBatchNormFunction::apply(x, tensors.weight, tensors.bias, tensors.running_mean, tensors.running_var,
                                        momentum, epsilon, c10::make_intrusive<KeptShare>(shared));
}

}  // namespace affectsr
