#include "affectsr/train/optimiser.h"
#include "affectsr/learn/libtorch.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

/// A weight [1, 2] of ones and a bias of ones, with gradients of one.
struct Two : torch::nn::Module {
    Two() {
        weight = register_parameter("weight", torch::ones({1, 2}));
        bias = register_parameter("bias", torch::ones({1}));
        weight.mutable_grad() = torch::ones({1, 2});
        bias.mutable_grad() = torch::ones({1});
    }
    torch::Tensor weight, bias;
};

TEST(Optimiser, DecaysWeightsButNoBiases) {
    for (const char* name : {"sgd", "adam", "adamw"}) {
        Two decayed, plain;
        for (Two* network : {&decayed, &plain}) {
            OptimiserOptions options;
            options.name = name;
            options.weight_decay = network == &decayed ? 0.5 : 0;
            options.momentum = 0;
            network->weight.mutable_grad().zero_();
            const auto optimiser = make_optimiser(options, *network);
            set_learning_rate(*optimiser, 0.1);
            optimiser->step();
        }
        EXPECT_LT(decayed.weight[0][0].item<double>(), plain.weight[0][0].item<double>()) << name;
        EXPECT_EQ(decayed.bias.item<double>(), plain.bias.item<double>()) << name;
    }
}

TEST(Optimiser, AFirstStepIsAsByHand) {
    OptimiserOptions options;
    options.weight_decay = 0;
    for (const char* name : {"sgd", "adam", "adamw"}) {
        options.name = name;
        Two network;
        const auto optimiser = make_optimiser(options, network);
        set_learning_rate(*optimiser, 0.1);
        optimiser->step();
        // Nesterov's first step is (1 + momentum) gradients; Adam's is the gradient's sign.
        EXPECT_NEAR(network.bias.item<double>(), std::string(name) == "sgd" ? 1 - 0.1 * 1.9 : 0.9, 1e-6) << name;
    }
}

TEST(Optimiser, TheMeansOfAdamDecayAsAsked) {
    const auto second_step = [](double beta1) {
        Two network;
        OptimiserOptions options;
        options.name = "adam";
        options.beta1 = beta1;
        options.weight_decay = 0;
        const auto optimiser = make_optimiser(options, network);
        set_learning_rate(*optimiser, 0.1);
        optimiser->step();
        network.bias.mutable_grad().mul_(-1);
        const double before = network.bias.item<double>();
        optimiser->step();
        return network.bias.item<double>() - before;
    };
    EXPECT_NEAR(second_step(0), 0.1, 1e-6) << "without memory it turns round at once";
    EXPECT_LT(std::abs(second_step(0.9)), 0.02) << "with memory both gradients nearly cancel";
}

}  // namespace
}  // namespace affectsr
