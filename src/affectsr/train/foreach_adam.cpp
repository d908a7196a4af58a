#include "affectsr/train/foreach_adam.h"

#include <cmath>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "affectsr/base/error.h"
#include "affectsr/learn/libtorch.h"

namespace affectsr {

namespace {

using torch::optim::AdamParamState;
using torch::optim::Optimizer;

/// Of a parameter, made where it is its first step. LibTorch 2 finds it by the tensor's address, 1.13 by the address as
/// a stream writes it.
template <class States>
AdamParamState& state_in(States& states, const at::Tensor& parameter) {
    typename States::key_type key;
    if constexpr (std::is_same_v<typename States::key_type, std::string>) {
        std::ostringstream address;
        address << parameter.unsafeGetTensorImpl();
        key = address.str();
    } else {
        key = parameter.unsafeGetTensorImpl();
    }
    if (const auto found = states.find(key); found != states.end()) return static_cast<AdamParamState&>(*found->second);
    auto state = std::make_unique<AdamParamState>();
    state->step(0);
    state->exp_avg(torch::zeros_like(parameter));
    state->exp_avg_sq(torch::zeros_like(parameter));
    return static_cast<AdamParamState&>(*(states[key] = std::move(state)));
}

/// Parameters that have taken equally many steps, with what belongs to each.
struct Lists {
    std::vector<at::Tensor> parameters, gradients, means, squares;
};

/// Algorithm 1 of Kingma & Ba 2015 in its efficient order.
void take_step(Lists& lists, std::int64_t step, const torch::optim::AdamOptions& o) {
    const auto [beta1, beta2] = o.betas();
    const double correction1 = 1 - std::pow(beta1, step), correction2 = 1 - std::pow(beta2, step);
    if (o.weight_decay() != 0) lists.gradients = at::_foreach_add(lists.gradients, lists.parameters, o.weight_decay());
    at::_foreach_mul_(lists.means, beta1);
    at::_foreach_add_(lists.means, lists.gradients, 1 - beta1);
    at::_foreach_mul_(lists.squares, beta2);
    at::_foreach_addcmul_(lists.squares, lists.gradients, lists.gradients, 1 - beta2);
    std::vector<at::Tensor> scales = at::_foreach_sqrt(lists.squares);
    at::_foreach_div_(scales, std::sqrt(correction2));
    at::_foreach_add_(scales, o.eps());
    at::_foreach_addcdiv_(lists.parameters, lists.means, scales, -o.lr() / correction1);
}

}  // namespace

at::Tensor ForeachAdam::step(LossClosure closure) {
    AFFECTSR_EXPECT(!closure, "a step from gradients that are there");
    const torch::NoGradGuard no_grad;
    for (torch::optim::OptimizerParamGroup& group : param_groups_) {
        const auto& options = static_cast<const torch::optim::AdamOptions&>(group.options());
        AFFECTSR_EXPECT(!options.amsgrad(), "Adam without AMSGrad");
        std::map<std::int64_t, Lists> by_step;
        for (const at::Tensor& parameter : group.params()) {
            if (!parameter.grad().defined()) continue;
            AdamParamState& state = state_in(state_, parameter);
            state.step(state.step() + 1);
            Lists& lists = by_step[state.step()];
            lists.parameters.push_back(parameter);
            lists.gradients.push_back(parameter.grad());
            lists.means.push_back(state.exp_avg());
            lists.squares.push_back(state.exp_avg_sq());
        }
        for (auto& [step, lists] : by_step) take_step(lists, step, options);
    }
    return {};
}

}  // namespace affectsr
