// Losses of a generator and a critic that measure the Wasserstein divergence, WGAN-div: Wu et al. 2018,
// arXiv:1712.01026; FSR-FER, eq. 7 and 8.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>

#include "affectsr/base/fields.h"

namespace affectsr {

/// The penalty of the critic's slope.
struct WganDivOptions {
    double k = 2;
    double p = 6;
    std::string norm = "all";
    void fields(auto&& f) {
        f("k", k, "weight of the penalty on the critic's slope", Range{0, 1e6});
        f("p", p, "power of the slope", Range{1, 16});
        f("norm", norm,
          "over what the slope is a norm: all elements of a sample, or its columns, whose powers are then averaged, as "
          "FSR-FER's published code has it",
          OneOf{{"all", "columns"}});
    }
};

/// What judges samples [n, c, h, w]: [n] or [n, 1], lower for what is real. Differentiable twice.
using Critic = std::function<at::Tensor(const at::Tensor& samples)>;

/// real + alpha · (fake − real), one alpha in [0, 1] per sample, [n].
at::Tensor between(const at::Tensor& real, const at::Tensor& fake, const at::Tensor& alpha);

/// The mean over samples of ‖∇D(x)‖^p at `samples`, with its gradient to the critic's parameters; options.k is not in
/// it. Computed as (Σ g²)^(p/2), which has a gradient at 0.
at::Tensor slope_penalty(const Critic& critic, const at::Tensor& samples, const WganDivOptions& options);

/// What a critic minimises.
struct CriticLoss {
    at::Tensor loss;      ///< −distance + k · penalty; a scalar
    at::Tensor distance;  ///< E[D(fake)] − E[D(real)], detached: larger, the better it tells them apart
    at::Tensor penalty;   ///< slope_penalty, detached
};

/// E[w D(real)] − E[w D(fake)] + k · slope_penalty of what lies between them; the critic is high on what is generated.
/// `weights` [n], undefined: 1. No gradient to `real` and `fake`.
CriticLoss critic_loss(const Critic& critic, const at::Tensor& real, const at::Tensor& fake, const at::Tensor& alpha,
                       const at::Tensor& weights, const WganDivOptions& options);

}  // namespace affectsr
