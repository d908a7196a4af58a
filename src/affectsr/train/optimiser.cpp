#include "affectsr/train/optimiser.h"

#include <torch/torch.h>

#include <tuple>
#include <vector>

namespace affectsr {

namespace {

/// One group with weight decay, one without: norms and biases are not drawn to zero.
template <class Optimiser, class Options>
std::unique_ptr<torch::optim::Optimizer> in_two_groups(Options options, double weight_decay,
                                                       torch::nn::Module& network) {
    std::vector<at::Tensor> decayed, plain;
    for (const at::Tensor& parameter : network.parameters())
        (parameter.dim() >= 2 ? decayed : plain).push_back(parameter);
    std::vector<torch::optim::OptimizerParamGroup> groups;
    groups.emplace_back(decayed, std::make_unique<Options>(Options(options).weight_decay(weight_decay)));
    groups.emplace_back(plain, std::make_unique<Options>(Options(options).weight_decay(0)));
    return std::make_unique<Optimiser>(groups, options);
}

}  // namespace

std::unique_ptr<torch::optim::Optimizer> make_optimiser(const OptimiserOptions& o, torch::nn::Module& network) {
    constexpr double kUnset = 1e-3;
    const std::tuple betas(o.beta1, o.beta2);
    if (o.name == "adam")
        return in_two_groups<torch::optim::Adam>(torch::optim::AdamOptions(kUnset).betas(betas), o.weight_decay,
                                                 network);
    if (o.name == "adamw")
        return in_two_groups<torch::optim::AdamW>(torch::optim::AdamWOptions(kUnset).betas(betas), o.weight_decay,
                                                  network);
    return in_two_groups<torch::optim::SGD>(
        torch::optim::SGDOptions(kUnset).momentum(o.momentum).nesterov(o.momentum > 0), o.weight_decay, network);
}

void set_learning_rate(torch::optim::Optimizer& optimiser, double rate) {
    for (torch::optim::OptimizerParamGroup& group : optimiser.param_groups()) group.options().set_lr(rate);
}

}  // namespace affectsr
