#include "affectsr/learn/fast_step.h"

#include <gtest/gtest.h>

#include <set>

#include "affectsr/base/error.h"
#include "affectsr/classify/resnet.h"
#include "affectsr/classify/small_net.h"
#include "affectsr/engine/training_step.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/learn/test_parity.h"
#include "affectsr/learn/test_steps.h"
#include "affectsr/learn/threads.h"
#include "affectsr/restore/affectsr_net.h"
#include "affectsr/restore/rrdb.h"

namespace affectsr {
namespace {

/// Outputs and gradients of one step of learning, by name; the input's gradient is "in".
struct Learned {
    std::map<std::string, Tensor> results, gradients, buffers;
};

struct Way {
    Play play = Play::fast;
    bool bf16 = false, channels_last = true;
};

/// One step from the same weights on the same picture, whose loss weighs every number of every output differently.
Learned learned(const Plan& plan, const BatchShape& batch, const Way& way) {
    torch::manual_seed(3);
    PlanModule module(plan);
    shake(module);
    module.set_play(way.play);
    if (way.channels_last) {
        const torch::NoGradGuard no_grad;
        for (Tensor& p : module.parameters())
            if (p.dim() == 4) p.set_data(p.contiguous(at::MemoryFormat::ChannelsLast));
    }
    const std::int64_t channels = plan.steps.front().out_channels;
    const Tensor picture = torch::randn({batch.count, channels, batch.height, batch.width}).requires_grad_(true);
    std::map<std::string, Tensor> inputs = random_inputs(plan, batch);
    inputs["in"] = picture;
    Learned made;
    torch::manual_seed(5);  // of dropout
    {
        const Autocast autocast(way.bf16);
        made.results = module.play(inputs);
    }
    Tensor loss = torch::zeros({});
    torch::manual_seed(4);
    for (auto& [name, result] : made.results) {
        result = result.to(torch::kFloat);
        loss = loss + (result * torch::randn(result.sizes())).sum() / std::sqrt(static_cast<double>(result.numel()));
        result = result.detach();
    }
    loss.backward();
    // What nothing depends on has no gradient with LibTorch, and zeros here.
    const auto gradient = [](const Tensor& x) { return x.grad().defined() ? x.grad() : torch::zeros_like(x); };
    for (const auto& item : module.named_parameters()) made.gradients[item.key()] = gradient(item.value());
    made.gradients["in"] = gradient(picture);
    for (const auto& item : module.named_buffers()) made.buffers[item.key()] = item.value();
    return made;
}

/// ‖a − b‖ of all tensors that have a name, against ‖b‖ and 5 % of the largest: what is nothing but rounding (a bias
/// before a norm) is not measured against itself.
void expect_near(const std::map<std::string, Tensor>& a, const std::map<std::string, Tensor>& b, double bound) {
    ASSERT_EQ(a.size(), b.size());
    double largest = 0;
    for (const auto& [name, tensor] : b) largest = std::max(largest, tensor.to(torch::kDouble).norm().item<double>());
    for (const auto& [name, wanted] : b) {
        ASSERT_TRUE(a.contains(name)) << name;
        const double norm = wanted.to(torch::kDouble).norm().item<double>();
        const double off = (a.at(name).to(torch::kDouble) - wanted.to(torch::kDouble)).norm().item<double>();
        EXPECT_LE(off, bound * (norm + 0.05 * largest)) << name << ", norm " << norm << " of at most " << largest;
    }
}

double cosine(const std::map<std::string, Tensor>& a, const std::map<std::string, Tensor>& b) {
    double product = 0, of_a = 0, of_b = 0;
    for (const auto& [name, tensor] : b) {
        const Tensor x = a.at(name).to(torch::kDouble).flatten(), y = tensor.to(torch::kDouble).flatten();
        product += x.dot(y).item<double>();
        of_a += x.dot(x).item<double>();
        of_b += y.dot(y).item<double>();
    }
    return product / std::sqrt(of_a * of_b);
}

void expect_same_learning(const Plan& plan, const BatchShape& batch) {
    const Learned reference = learned(plan, batch, {Play::libtorch, false, true});
    for (const bool channels_last : {true, false}) {
        const Learned fast = learned(plan, batch, {Play::fast, false, channels_last});
        expect_near(fast.results, reference.results, 1e-5);
        expect_near(fast.gradients, reference.gradients, 1e-5);
        expect_near(fast.buffers, reference.buffers, 1e-5);
    }
}

/// How near LibTorch's own bf16 gradients come; 1 where it has no kernel for a step in bf16 (layer norm).
double cosine_of_libtorch(const Plan& plan, const BatchShape& batch, const Learned& reference) {
    try {
        return cosine(learned(plan, batch, {Play::libtorch, true, true}).gradients, reference.gradients);
    } catch (const c10::Error&) {
        return 1;
    }
}

/// Where a rounding decides which way a ReLU or a maximum goes, LibTorch's bf16 is no nearer to its float32.
void expect_nearly_same_learning(const Plan& plan, const BatchShape& batch) {
    const Learned reference = learned(plan, batch, {Play::libtorch, false, true});
    const Learned fast = learned(plan, batch, {Play::fast, true, true});
    const double ours = cosine(fast.gradients, reference.gradients);
    const double theirs = cosine_of_libtorch(plan, batch, reference);
    EXPECT_LE(1 - ours, std::max(1e-3, 1.5 * (1 - theirs))) << "LibTorch's bf16: " << theirs;
    expect_near(fast.buffers, reference.buffers, 2e-2);
}

class FastStepSteps : public ::testing::TestWithParam<OneStep> {
 protected:
    /// The step between two convolutions: it reads and makes values whose gradients somebody needs.
    static Plan plan() {
        PlanBuilder p;
        const auto x = p.conv("before", p.input(3), GetParam().channels);
        return p.finish(GetParam().add(p, x));
    }
};

TEST_P(FastStepSteps, LearnAsLibTorchDoesInFloat32) {
    expect_same_learning(plan(), {4, 8, 12});
}

TEST_P(FastStepSteps, LearnNearlyAsLibTorchDoesInBfloat16) {
    if (!TrainingStep::available(Precision::bf16)) GTEST_SKIP() << "no bf16 here";
    expect_nearly_same_learning(plan(), {4, 8, 12});
}

INSTANTIATE_TEST_SUITE_P(FastStep, FastStepSteps, ::testing::ValuesIn(every_step()),
                         [](const auto& one) { return one.param.name; });

struct NamedPlan {
    std::string name;
    Plan plan;
    BatchShape batch;
};

void PrintTo(const NamedPlan& network, std::ostream* out) {
    *out << network.name;
}

std::vector<NamedPlan> networks() {
    // Small: of millions of ReLUs one always lies so near its kink that rounding decides which way it goes.
    RrdbOptions rrdb;
    rrdb.blocks = 1;
    rrdb.features = 32;
    rrdb.growth = 16;
    RrdbOptions normed = rrdb;
    normed.instance_norm = true;
    // Few pixels, too: its batch norms enlarge what tells the means of four pictures apart, and that must not be
    // rounding.
    AffectsrNetOptions graph;
    graph.blocks = 1;
    graph.features = 32;
    graph.growth = 16;
    graph.block_channels = 16;
    ResnetOptions resnet;
    resnet.width = 16;
    return {{"small_net", small_net({}).plan, {2, 16, 16}},
            {"rrdb", rrdb_plan(rrdb), {2, 8, 8}},
            {"rrdb_with_instance_norm", rrdb_plan(normed), {2, 8, 8}},
            {"affectsr_net", affectsr_net_plan(graph), {4, 4, 4}},
            {"resnet18", resnet_plan(18, resnet), {4, 64, 64}}};
}

class FastStepNetworks : public ::testing::TestWithParam<NamedPlan> {};

TEST_P(FastStepNetworks, LearnAsLibTorchDoesInFloat32) {
    expect_same_learning(GetParam().plan, GetParam().batch);
}

TEST_P(FastStepNetworks, LearnNearlyAsLibTorchDoesInBfloat16) {
    if (!TrainingStep::available(Precision::bf16)) GTEST_SKIP() << "no bf16 here";
    expect_nearly_same_learning(GetParam().plan, GetParam().batch);
}

TEST_P(FastStepNetworks, LearnTheSameBitsForTheSameThreads) {
    for (const bool bf16 : {false, true}) {
        if (bf16 && !TrainingStep::available(Precision::bf16)) continue;
        for (const int threads : {1, 2}) {
            set_libtorch_threads(threads);
            const Way way{Play::fast, bf16, true};
            const Learned first = learned(GetParam().plan, GetParam().batch, way);
            const Learned second = learned(GetParam().plan, GetParam().batch, way);
            for (const auto& [name, gradient] : first.gradients)
                EXPECT_TRUE(torch::equal(gradient, second.gradients.at(name))) << name << ", threads " << threads;
        }
    }
    set_libtorch_threads(1);
}

Plan small_plan() {
    PlanBuilder p;
    return p.finish(p.linear("fc", p.flatten(p.global_avg_pool(p.relu(p.conv("c", p.input(3), 16)))), 2));
}

TEST(FastStep, PlaysConvolutionsNormsSumsConcatsAndEnlargementsItself) {
    for (const bool bicubic : {false, true}) {
        const Plan plan = rrdb_plan({.instance_norm = true, .bicubic = bicubic});
        EXPECT_TRUE(TrainingStep(plan, {2, {{8, 8}}, {false}, Precision::f32, 1}).plain_steps().empty());
    }
}

TEST(FastStep, KeepsNoMoreThanLibTorchDoes) {
    const Plan plan = rrdb_plan({.blocks = 1});
    const TrainingStep step(plan, {1, {{16, 16}}, {false}, Precision::f32, 1});
    std::size_t saved = 0;  // LibTorch keeps what every convolution and activation reads
    const std::vector<ValueShape> shapes = plan.shapes(16, 16);
    std::set<int> kept;
    for (const Step& s : plan.steps)
        if (s.is<step::Conv>() || s.is<step::LeakyRelu>()) kept.insert(s.inputs[0]);
    for (const int value : kept) saved += 4 * static_cast<std::size_t>(shapes[static_cast<std::size_t>(value)].count());
    EXPECT_LE(step.value_bytes(), saved + saved / 20);
}

TEST(FastStep, ServesSeveralPassesBeforeOneGoesBack) {
    torch::manual_seed(1);
    PlanModule module(small_plan());
    const Tensor a = torch::rand({2, 3, 8, 8}), b = torch::rand({2, 3, 8, 8});
    const auto gradient_of = [&](const Tensor& loss) {
        return torch::autograd::grad({loss}, {module.named_parameters()["c.weight"]})[0];
    };
    const Tensor alone = gradient_of(module.forward(a).square().sum());
    const Tensor first = module.forward(a), second = module.forward(b);
    EXPECT_TRUE(torch::equal(gradient_of(first.square().sum()), alone)) << "the second pass changed the first's values";
    EXPECT_FALSE(torch::equal(gradient_of(second.square().sum()), alone));
}

TEST(FastStep, LeavesFrozenParametersWithoutGradient) {
    PlanModule module(small_plan());
    module.named_parameters()["c.weight"].requires_grad_(false);
    module.forward(torch::rand({2, 3, 8, 8})).sum().backward();
    EXPECT_FALSE(module.named_parameters()["c.weight"].grad().defined());
    EXPECT_TRUE(module.named_parameters()["c.bias"].grad().defined());
    EXPECT_TRUE(module.named_parameters()["fc.weight"].grad().defined());
}

TEST(FastStep, RefusesGradientsOfGradients) {
    PlanModule module(small_plan());
    const Tensor x = torch::rand({2, 3, 8, 8}).requires_grad_(true);
    const auto twice = [&] {
        return torch::autograd::grad({module.forward(x).sum()}, {x}, {}, true, true)[0].square().sum();
    };
    EXPECT_THROW(twice(), UsageError);
    module.set_play(Play::libtorch);
    EXPECT_NO_THROW(twice());
}

INSTANTIATE_TEST_SUITE_P(FastStep, FastStepNetworks, ::testing::ValuesIn(networks()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace affectsr
