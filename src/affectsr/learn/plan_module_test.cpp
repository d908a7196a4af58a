#include "affectsr/learn/plan_module.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/learn/libtorch.h"

namespace affectsr {
namespace {

Plan two_heads() {
    PlanBuilder p;
    auto x = p.relu(p.batch_norm("stem.norm", p.conv("stem.conv", p.input(1), 4, {.bias = false})));
    const auto half = p.max_pool(x, 2, 2);
    const auto kept = p.mul(half, p.sigmoid(p.conv("gate", p.global_avg_pool(half), 4, {.kernel = 1})));
    const auto flat = p.dropout(p.flatten(p.global_avg_pool(p.add(half, kept))), 0.5);
    p.output("a", p.linear("head.a", flat, 3));
    p.output("b", p.linear("head.b", flat, 2));
    return p.finish();
}

TEST(PlanModule, NamesItsTensorsAsTheSteps) {
    const PlanModule module(two_heads());
    const TensorMap state = state_of(module);
    EXPECT_TRUE(state.contains("stem.conv.weight"));
    EXPECT_TRUE(state.contains("stem.norm.running_var"));
    EXPECT_TRUE(state.contains("head.a.bias"));
    EXPECT_EQ(state.at("stem.conv.weight").shape(), (std::vector<std::int64_t>{4, 1, 3, 3}));
    std::int64_t numbers = 0;
    for (const Tensor& parameter : module.parameters()) numbers += parameter.numel();
    EXPECT_EQ(numbers, two_heads().parameter_count());
}

TEST(PlanModule, PlaysWhatLibTorchComputesStepByStep) {
    torch::manual_seed(3);
    PlanModule module(two_heads());
    module.eval();
    const Tensor x = torch::rand({2, 1, 8, 8});
    const auto p = module.named_parameters();
    const auto b = module.named_buffers();
    Tensor y = torch::conv2d(x, p["stem.conv.weight"], {}, 1, 1);
    y = (y - b["stem.norm.running_mean"].view({1, 4, 1, 1})) /
        torch::sqrt(b["stem.norm.running_var"].view({1, 4, 1, 1}) + 1e-5);
    y = torch::max_pool2d(torch::relu(y), 2, 2);
    y = y + y * torch::sigmoid(torch::conv2d(y.mean({2, 3}, true), p["gate.weight"], p["gate.bias"]));
    const Tensor flat = y.mean({2, 3});
    const auto results = module.play(x);
    EXPECT_TRUE(
        torch::allclose(results.at("a"), torch::linear(flat, p["head.a.weight"], p["head.a.bias"]), 1e-5, 1e-6));
    EXPECT_TRUE(
        torch::allclose(results.at("b"), torch::linear(flat, p["head.b.weight"], p["head.b.bias"]), 1e-5, 1e-6));
}

TEST(PlanModule, PlaysEveryKindOfStep) {
    PlanBuilder p;
    auto x = p.prelu("act", p.conv_transpose("up", p.input(4), 8, {.kernel = 4, .stride = 2, .padding = 1}));
    x = p.instance_norm("in", p.leaky_relu(x, 0.2), true);
    x = p.concat({p.slice(x, 0, 4), p.scale(p.tanh(p.shift(x, 1)), 0.5)});  // [n, 12, 12, 12]
    x = p.pad(p.pixel_shuffle(x, 2), {.left = 1, .right = 3});              // [n, 3, 24, 28]
    x = p.pixel_unshuffle(p.avg_pool(x, 2, 2), 2);                          // [n, 12, 6, 7]
    x = p.add(p.enlarge_nearest(x, 2), p.add(p.enlarge_bilinear(x, 2), p.enlarge_bicubic(x, 2)));
    auto flat = p.layer_norm("ln", p.flatten(p.adaptive_avg_pool(x, 2, 1), 2));
    PlanModule module(p.finish(p.softmax(p.linear("fc", flat, 5))));
    const Tensor out = module.forward(torch::rand({2, 4, 6, 6}));
    EXPECT_EQ(out.sizes().vec(), (std::vector<std::int64_t>{2, 5}));
    EXPECT_TRUE(torch::allclose(out.sum(1), torch::ones({2})));
    std::int64_t numbers = 0;
    for (const Tensor& parameter : module.parameters()) numbers += parameter.numel();
    EXPECT_EQ(numbers, module.plan().parameter_count());
}

TEST(PlanModule, GivesEveryParameterAGradient) {
    PlanModule module(two_heads());
    const auto results = module.play(torch::rand({4, 1, 8, 8}));
    (results.at("a").square().sum() + results.at("b").square().sum()).backward();
    for (const auto& item : module.named_parameters()) {
        ASSERT_TRUE(item.value().grad().defined()) << item.key();
        EXPECT_TRUE(torch::isfinite(item.value().grad()).all().item<bool>()) << item.key();
    }
}

TEST(PlanModule, LoadsWhatItSaved) {
    PlanModule first(two_heads()), second(two_heads());
    load_state(second, state_of(first), "a test");
    first.eval();
    second.eval();
    const Tensor x = torch::rand({1, 1, 8, 8});
    EXPECT_TRUE(torch::equal(first.play(x).at("a"), second.play(x).at("a")));
}

TEST(PlanModule, ListsEveryTensorThatDoesNotFitAndChangesNothing) {
    PlanModule module(two_heads());
    TensorMap state = state_of(module);
    const TensorMap before = state;
    state.erase("gate.weight");
    state["surplus"] = HostTensor::from_floats(std::vector<float>{1}, {1});
    state["head.a.bias"] = HostTensor::from_floats(std::vector<float>{1, 2}, {2});
    state["head.b.bias"] = HostTensor::from_floats(std::vector<float>{7, 7}, {2});
    try {
        load_state(module, state, "wrong.safetensors");
        FAIL() << "a state that does not fit was taken";
    } catch (const ModelError& error) {
        const std::string message = error.what();
        EXPECT_NE(message.find("wrong.safetensors"), std::string::npos);
        EXPECT_NE(message.find("1 missing: gate.weight ["), std::string::npos);
        EXPECT_NE(message.find("1 extra: \"surplus\""), std::string::npos);
        EXPECT_NE(message.find("head.a.bias is [2], the network wants [3]"), std::string::npos);
    }
    EXPECT_EQ(state_of(module).at("head.b.bias").floats(), before.at("head.b.bias").floats());
}

TEST(PlanModule, WantsTheChannelsOfItsPlan) {
    PlanModule module(two_heads());
    EXPECT_THROW(module.play(torch::rand({1, 3, 8, 8})), Bug);
    EXPECT_THROW(module.forward(torch::rand({1, 1, 8, 8})), Bug);
}

TEST(PlanModule, TransposesConvolutionsOfBfloat16AsThoseOfFloat32) {
    const torch::InferenceMode inference;
    PlanBuilder p;
    PlanModule module(p.finish(p.conv_transpose("c", p.input(8), 8, {.kernel = 12, .stride = 8, .padding = 2})));
    const Tensor x = torch::rand({1, 8, 32, 32}), want = module.forward(x);
    module.to(torch::kBFloat16);
    const Tensor made = module.forward(x.to(torch::kBFloat16));
    ASSERT_EQ(made.sizes(), want.sizes());
    EXPECT_EQ(made.scalar_type(), torch::kBFloat16);
    EXPECT_LT((made.to(torch::kFloat) - want).norm().item<double>(), 1e-2 * want.norm().item<double>());
}

}  // namespace
}  // namespace affectsr
