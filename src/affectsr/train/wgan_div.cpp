#include "affectsr/train/wgan_div.h"

#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/tensor.h"

namespace affectsr {

Tensor between(const Tensor& real, const Tensor& fake, const Tensor& alpha) {
    return real + alpha.view({-1, 1, 1, 1}) * (fake - real);
}

Tensor slope_penalty(const Critic& critic, const Tensor& samples, const WganDivOptions& options) {
    const Tensor at = samples.detach().requires_grad_(true);
    const Tensor slope = torch::autograd::grad({critic(at).sum()}, {at}, {}, true, true)[0];
    const Tensor squares = options.norm == "all" ? slope.square().flatten(1).sum(1) : slope.square().sum({1, 2});
    return squares.pow(options.p / 2).mean();
}

CriticLoss critic_loss(const Critic& critic, const Tensor& real, const Tensor& fake, const Tensor& alpha,
                       const Tensor& weights, const WganDivOptions& options) {
    const Tensor of_real = critic(real.detach()).view({-1}), of_fake = critic(fake.detach()).view({-1});
    const Tensor penalty = slope_penalty(critic, between(real, fake, alpha), options);
    const auto mean = [&weights](const Tensor& x) { return (weights.defined() ? x * weights : x).mean(); };
    return {mean(of_real) - mean(of_fake) + options.k * penalty, (of_fake.mean() - of_real.mean()).detach(),
            penalty.detach()};
}

}  // namespace affectsr
