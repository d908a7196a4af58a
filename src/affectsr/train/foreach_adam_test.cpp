#include "affectsr/train/foreach_adam.h"

#include <gtest/gtest.h>

#include <sstream>

#include <torch/serialize.h>

#include "affectsr/learn/libtorch.h"

namespace affectsr {
namespace {

/// Tensors of several shapes, one of them laid out with its channels last.
std::vector<at::Tensor> some_parameters() {
    torch::manual_seed(3);
    std::vector<at::Tensor> all{torch::randn({4, 3, 3, 3}).contiguous(at::MemoryFormat::ChannelsLast),
                                torch::randn({5, 2}), torch::randn({7})};
    for (at::Tensor& one : all) one.requires_grad_(true);
    return all;
}

void give_gradients(const std::vector<at::Tensor>& parameters, int step) {
    torch::manual_seed(static_cast<std::uint64_t>(100 + step));
    for (const at::Tensor& one : parameters) one.mutable_grad() = torch::randn_like(one);
}

void expect_equal(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(torch::equal(a[i], b[i])) << "parameter " << i;
}

const torch::optim::AdamOptions kOptions = torch::optim::AdamOptions(0.01).betas({0.8, 0.9}).weight_decay(0.1);

TEST(ForeachAdam, MovesAsLibTorchsAdamBitForBit) {
    const auto ours = some_parameters(), theirs = some_parameters();
    ForeachAdam at_once(ours, kOptions);
    torch::optim::Adam one_by_one(theirs, kOptions);
    for (int step = 0; step < 5; ++step) {
        for (const auto* parameters : {&ours, &theirs}) {
            give_gradients(*parameters, step);
            if (step == 1) (*parameters)[1].mutable_grad() = at::Tensor();  // one that misses a step
        }
        at_once.step();
        one_by_one.step();
        expect_equal(ours, theirs);
    }
}

TEST(ForeachAdam, GoesOnFromTheStateOfLibTorchsAdam) {
    const auto ours = some_parameters(), theirs = some_parameters();
    ForeachAdam at_once(ours, kOptions);
    torch::optim::Adam one_by_one(theirs, kOptions);
    give_gradients(theirs, 0);
    one_by_one.step();
    std::stringstream stored;
    torch::save(one_by_one, stored);
    torch::load(at_once, stored);
    {
        const torch::NoGradGuard no_grad;
        for (std::size_t i = 0; i < ours.size(); ++i) ours[i].data().copy_(theirs[i]);
    }
    give_gradients(ours, 1);
    give_gradients(theirs, 1);
    at_once.step();
    one_by_one.step();
    expect_equal(ours, theirs);
}

}  // namespace
}  // namespace affectsr
