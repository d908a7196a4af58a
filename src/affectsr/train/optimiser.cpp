#include "affectsr/train/optimiser.h"

#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>

#include <algorithm>
#include <tuple>

#include "affectsr/learn/libtorch.h"
#include "affectsr/train/foreach_adam.h"

namespace affectsr {

namespace {

/// One group with weight decay, one without: norms and biases are not drawn to zero.
template <class Optimiser, class Options>
std::unique_ptr<torch::optim::Optimizer> in_two_groups(Options options, double weight_decay,
                                                       const std::vector<at::Tensor>& parameters) {
    std::vector<at::Tensor> decayed, plain;
    for (const at::Tensor& parameter : parameters) (parameter.dim() >= 2 ? decayed : plain).push_back(parameter);
    std::vector<torch::optim::OptimizerParamGroup> groups;
    groups.emplace_back(decayed, std::make_unique<Options>(Options(options).weight_decay(weight_decay)));
    groups.emplace_back(plain, std::make_unique<Options>(Options(options).weight_decay(0)));
    return std::make_unique<Optimiser>(groups, options);
}

}  // namespace

std::unique_ptr<torch::optim::Optimizer> make_optimiser(const OptimiserOptions& o, torch::nn::Module& network,
                                                        const std::vector<std::string>& left_out) {
    constexpr double kUnset = 1e-3;
    const std::tuple betas(o.beta1, o.beta2);
    std::vector<at::Tensor> all;
    for (const auto& parameter : network.named_parameters())
        if (std::find(left_out.begin(), left_out.end(), parameter.key()) == left_out.end())
            all.push_back(parameter.value());
    if (o.name == "adam")
        return in_two_groups<ForeachAdam>(torch::optim::AdamOptions(kUnset).betas(betas), o.weight_decay, all);
    if (o.name == "adamw")
        return in_two_groups<torch::optim::AdamW>(torch::optim::AdamWOptions(kUnset).betas(betas), o.weight_decay, all);
    return in_two_groups<torch::optim::SGD>(
        torch::optim::SGDOptions(kUnset).momentum(o.momentum).nesterov(o.momentum > 0), o.weight_decay, all);
}

void set_learning_rate(torch::optim::Optimizer& optimiser, double rate) {
    for (torch::optim::OptimizerParamGroup& group : optimiser.param_groups()) group.options().set_lr(rate);
}

}  // namespace affectsr
