// How weights are updated.
#pragma once

#include <torch/nn/module.h>
#include <torch/optim/optimizer.h>

#include <memory>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"

namespace affectsr {

/// Stochastic gradient descent with Nesterov momentum, Adam (Kingma & Ba 2015, arXiv:1412.6980) or AdamW (Loshchilov &
/// Hutter 2019, arXiv:1711.05101).
struct OptimiserOptions {
    std::string name = "sgd";
    double momentum = 0.9;
    double beta1 = 0.9, beta2 = 0.999;
    double weight_decay = 0;
    double clip_norm = 5;
    double averaging = 0;
    double sharpness_rho = 0;
    bool sharpness_adaptive = false;
    void fields(auto&& f) {
        f("name", name, "how weights are updated", OneOf{{"sgd", "adam", "adamw"}});
        f("momentum", momentum, "share of the last step kept (sgd)", Range{0, 0.9999});
        f("beta1", beta1, "decay a step of the mean of gradients (adam, adamw)", Range{0, 0.9999});
        f("beta2", beta2, "decay a step of the mean of their squares (adam, adamw)", Range{0, 0.999999});
        f("weight_decay", weight_decay,
          "of weights with two dimensions or more; norms and biases have none (sgd: 5e-4); with adam it joins the "
          "gradient, which it outweighs where gradients are small",
          Range{0, 1});
        f("clip_norm", clip_norm, "largest norm of the whole gradient; 0: not clipped", Range{0, 1e6});
        f("averaging", averaging,
          "decay a step of the moving average of the weights, which is what is validated and stored (0.999); 0: none",
          Range{0, 0.99999});
        f("sharpness_rho", sharpness_rho,
          "how far up the slope the gradient is measured (SAM, 0.05), at twice the work; 0: where the weights are",
          Range{0, 10});
        f("sharpness_adaptive", sharpness_adaptive, "large weights are moved farther (ASAM)");
    }
};

/// The optimiser of these options for the parameters of `network` but those called `left_out`, at no learning rate of
/// use: set one each step.
std::unique_ptr<torch::optim::Optimizer> make_optimiser(const OptimiserOptions& options, torch::nn::Module& network,
                                                        const std::vector<std::string>& left_out = {});

/// For all parameters.
void set_learning_rate(torch::optim::Optimizer& optimiser, double rate);

}  // namespace affectsr
