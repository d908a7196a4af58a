// A network of your own, written once as a Plan: counted, played, differentiated.
#include <torch/torch.h>

#include <iostream>

#include "affectsr/learn/plan_module.h"

affectsr::Plan two_convolutions(int features) {
    affectsr::PlanBuilder plan;
    auto x = plan.input(1);                                              // [n, 1, h, w]
    x = plan.relu(plan.conv("first", x, features));                      // [n, features, h, w]
    x = plan.relu(plan.conv("second", x, 2 * features, {.stride = 2}));  // [n, 2·features, h/2, w/2]
    x = plan.flatten(plan.global_avg_pool(x));                           // [n, 2·features]
    return plan.finish(plan.linear("answer", x, 7));                     // [n, 7]
}

int main() {
    const affectsr::Plan plan = two_convolutions(16);
    std::cout << plan.parameter_count() << " parameters, " << plan.flops(48, 48) / 1e6 << " MFLOP at 48x48\n";

    affectsr::PlanModule network(plan);
    const torch::Tensor faces = torch::rand({4, 1, 48, 48});
    const torch::Tensor labels = torch::tensor({0, 1, 2, 3}, torch::kLong);
    torch::optim::SGD optimiser(network.parameters(), 0.1);
    for (int step = 0; step < 5; ++step) {
        optimiser.zero_grad();
        const torch::Tensor loss = torch::nn::functional::cross_entropy(network.forward(faces), labels);
        loss.backward();
        optimiser.step();
        std::cout << "step " << step << ": loss " << loss.item<float>() << '\n';
    }
    for (const auto& [name, tensor] : affectsr::state_of(network)) std::cout << name << '\n';
}
