// That networks learn, and behave in training as they should.
#include <torch/optim/adam.h>

#include <gtest/gtest.h>

#include "affectsr/classify/catalog.h"
#include "affectsr/classify/test_networks.h"
#include "affectsr/classify/vgg.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/learn/test_parity.h"
#include "affectsr/restore/test_networks.h"
#include "affectsr/restore/vgg_discriminator.h"

namespace affectsr {
namespace {

/// A smooth picture, small and large.
struct Pair {
    Tensor lr, hr;
    explicit Pair(const SrNetwork& network) {
        torch::manual_seed(9);
        const Tensor seed = torch::rand({2, 3, 4, 4}) * 0.6 + 0.2;
        const auto resized = [&](std::int64_t side) {
            return torch::upsample_bilinear2d(seed, {side, side}, /*align_corners=*/false);
        };
        lr = resized(small_crop_px(network) * network.enlarged_first);
        hr = resized(small_crop_px(network) * network.enlarged_first * plan_factor(network));
    }
};

TEST(Networks, OfSuperResolutionLearn) {
    for (const Entry<SrNetwork>& entry : sr_network_catalog()) {
        SCOPED_TRACE(entry.name);
        const auto network = entry.make(small_options(entry));
        PlanModule module(network->plan);
        const Pair pair(*network);
        std::map<std::string, Tensor> inputs =
            random_inputs(network->plan, {2, static_cast<int>(pair.lr.size(2)), static_cast<int>(pair.lr.size(3))});
        inputs["in"] = pair.lr;
        torch::optim::Adam optimiser(module.parameters(), 1e-3);
        double first = 0, last = 0;
        for (int i = 0; i < 12; ++i) {
            const Tensor sr = module.play(inputs).at("out");
            ASSERT_EQ(sr.sizes(), pair.hr.sizes());
            const Tensor loss = torch::l1_loss(sr, pair.hr);
            optimiser.zero_grad();
            loss.backward();
            optimiser.step();
            (i == 0 ? first : last) = loss.item<double>();
        }
        EXPECT_LT(last, first);
    }
}

TEST(Networks, ACriticLearnsToTellTwoPicturesApart) {
    torch::manual_seed(3);
    PlanModule critic(vgg_discriminator_plan({4, 128, false}));
    torch::optim::Adam optimiser(critic.parameters(), 1e-3);
    const Tensor pictures = torch::stack({torch::rand({3, 128, 128}), torch::full({3, 128, 128}, 0.5)});
    const Tensor truth = torch::tensor({1.f, 0.f}).view({2, 1});
    double first = 0, last = 0;
    for (int i = 0; i < 10; ++i) {
        const Tensor loss = torch::binary_cross_entropy_with_logits(critic.forward(pictures), truth);
        optimiser.zero_grad();
        loss.backward();
        optimiser.step();
        (i == 0 ? first : last) = loss.item<double>();
    }
    EXPECT_LT(last, first);
}

TEST(Networks, StayInBfloat16ThroughoutWhereTheyAreMadeOfIt) {
    const torch::NoGradGuard no_grad;
    const auto type_of_answer = [](const Plan& plan, int side) {
        PlanModule module(plan);
        module.eval();
        module.to(torch::kBFloat16);
        std::map<std::string, Tensor> inputs = random_inputs(plan, {1, side, side});
        for (auto& [name, input] : inputs) input = input.to(torch::kBFloat16);
        return module.play(inputs).begin()->second.scalar_type();
    };
    for (const Entry<SrNetwork>& entry : sr_network_catalog()) {
        const auto network = entry.make(small_options(entry));
        const int px = small_crop_px(*network) * network->enlarged_first;
        EXPECT_EQ(type_of_answer(network->plan, px), torch::kBFloat16) << entry.name;
    }
    for (const Entry<ExpressionNetwork>& entry : expression_network_catalog()) {
        const auto network = entry.make(small_options(entry));
        EXPECT_EQ(type_of_answer(network->plan, network->needs.input_px), torch::kBFloat16) << entry.name;
    }
}

TEST(Networks, DropFeaturesOnlyInTraining) {
    PlanModule module(vgg_plan(16, {32, 4, 16}));
    const torch::NoGradGuard no_grad;
    const Tensor faces = torch::rand({4, 3, 32, 32});
    module.train();
    EXPECT_FALSE(torch::equal(module.forward(faces), module.forward(faces)));
    module.eval();
    EXPECT_TRUE(torch::equal(module.forward(faces), module.forward(faces)));
}

}  // namespace
}  // namespace affectsr
