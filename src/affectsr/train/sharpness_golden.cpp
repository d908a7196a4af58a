// Golden runner of sharpness-aware minimisation: three steps of DDAMFN++'s sam.py with Adam on a small network.
#include <torch/nn/functional/loss.h>
#include <torch/optim/adam.h>

#include "affectsr/train/sharpness.h"

#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/tensor.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

golden::Outputs run(const golden::Case& one) {
    std::map<std::string, Tensor> weights;
    std::vector<Tensor> parameters;
    for (const auto& [name, tensor] : one.filled_state()) {
        weights[name] = to_tensor(tensor).to(torch::kDouble).requires_grad_(true);
        parameters.push_back(weights[name]);
    }
    const Json& config = one.config;
    torch::optim::Adam adam(parameters, torch::optim::AdamOptions(config.at("lr"))
                                            .betas({config.at("betas").at(0), config.at("betas").at(1)})
                                            .eps(config.at("eps")));
    const Tensor x = to_tensor(one.input("x")).to(torch::kDouble), y = to_tensor(one.input("y"));
    golden::Outputs outputs;
    double rate = config.at("lr");
    for (std::int64_t step = 0; step < x.size(0); ++step, rate *= config.at("lr_gamma_per_step").get<double>()) {
        const auto loss_here = [&] {
            const Tensor hidden = torch::tanh(torch::linear(x[step], weights.at("fc1.weight"), weights.at("fc1.bias")));
            const Tensor logits = torch::linear(hidden, weights.at("fc2.weight"), weights.at("fc2.bias"));
            return torch::nn::functional::cross_entropy(logits, y[step]);
        };
        for (torch::optim::OptimizerParamGroup& group : adam.param_groups()) group.options().set_lr(rate);
        const std::string prefix = "step" + std::to_string(step) + "_";
        adam.zero_grad();
        const Tensor low = loss_here();
        low.backward();
        Climb climb(parameters, config.at("rho"), config.at("adaptive"));
        if (step == 0)
            outputs["stage.step0_perturbed_fc2.weight"] = to_host(weights.at("fc2.weight").detach().to(torch::kFloat));
        adam.zero_grad();
        const Tensor high = loss_here();
        high.backward();
        climb.descend();
        adam.step();
        const Tensor losses =
            torch::stack({low.detach(), high.detach(), torch::tensor(climb.gradient_norm(), torch::kDouble)});
        outputs["output." + prefix + "loss"] = to_host(losses.to(torch::kFloat));
        for (const auto& [name, weight] : weights)
            outputs["output." + prefix + name] = to_host(weight.detach().clone().to(torch::kFloat));
    }
    return outputs;
}

const bool kRegistered = golden::register_runner("sam_adam_mlp", run);

}  // namespace
}  // namespace affectsr
