#include "affectsr/engine/plan_engine.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/engine/peak.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/learn/test_parity.h"
#include "affectsr/learn/test_steps.h"

namespace affectsr {
namespace {

std::atomic<std::size_t> allocations{0};
std::atomic<bool> counting{false};

/// How often our own code takes memory while `work` runs, on any thread.
template <class Work>
std::size_t allocations_of(const Work& work) {
    allocations = 0;
    counting = true;
    work();
    counting = false;
    return allocations;
}

}  // namespace
}  // namespace affectsr

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they bring operators of their own
// What oneDNN takes within a primitive and gives back at once is not ours to count.
void* operator new(std::size_t bytes) {
    if (affectsr::counting) {
        Dl_info caller = {};
        const bool known = dladdr(__builtin_return_address(0), &caller) != 0 && caller.dli_fname != nullptr;
        if (!known || std::strstr(caller.dli_fname, "libdnnl") == nullptr) ++affectsr::allocations;
    }
    if (void* memory = std::malloc(bytes)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
#endif

namespace affectsr {
namespace {

class PlanEngineSteps : public ::testing::TestWithParam<OneStep> {
 protected:
    static Plan plan() {
        PlanBuilder p;
        const auto x = p.input(GetParam().channels);
        return p.finish(GetParam().add(p, x));
    }
};

TEST_P(PlanEngineSteps, AreThoseOfLibTorchInFloat32) {
    expect_parity(plan(), {1, 8, 12}, Precision::f32);
    expect_parity(plan(), {5, 8, 12}, Precision::f32);
}

TEST_P(PlanEngineSteps, AreNearlyThoseOfLibTorchInBfloat16) {
    expect_parity(plan(), {1, 8, 12}, Precision::bf16);
    expect_parity(plan(), {5, 8, 12}, Precision::bf16);
}

INSTANTIATE_TEST_SUITE_P(PlanEngine, PlanEngineSteps, ::testing::ValuesIn(every_step()),
                         [](const auto& one) { return one.param.name; });

/// A dense block with norms, a residual and two heads.
Plan dense_block() {
    PlanBuilder p;
    const auto x = p.relu(p.conv("in", p.input(3), 32));
    const auto a = p.leaky_relu(p.conv("a", x, 16), 0.2);
    const auto b = p.leaky_relu(p.instance_norm("", p.conv("b", p.concat({x, a}), 16)), 0.2);
    const auto y = p.add(x, p.scale(p.conv("c", p.concat({x, a, b}), 32), 0.2));
    p.output("picture", p.pixel_shuffle(p.conv("out", y, 12), 2));
    p.output("logits", p.linear("fc", p.flatten(p.global_avg_pool(y)), 7));
    return p.finish();
}

TEST(PlanEngine, PlaysANetworkWithTwoOutputs) {
    for (const Precision precision : {Precision::f32, Precision::bf16})
        for (const int count : {1, 2, 7, 16}) expect_parity(dense_block(), {count, 16, 12}, precision);
}

/// An engine of dense_block, and its answers.
class PlanEngineRuns : public ::testing::TestWithParam<Precision> {
 protected:
    PlanEngineRuns() {
        torch::manual_seed(11);
        PlanModule module(dense_block());
        engine_ = std::make_unique<PlanEngine>(dense_block(), state_of(module), GetParam());
        input_ = torch::rand({16, 3, 16, 12});
    }
    std::vector<float> picture(int first, int count, int threads) const {
        std::vector<float> made(static_cast<std::size_t>(count) * 3 * 32 * 24);
        engine_->run({count, 16, 12},
                     {input_.data_ptr<float>() + first * 3 * 16 * 12, static_cast<std::size_t>(count) * 3 * 16 * 12},
                     {{"picture", made}}, threads);
        return made;
    }
    std::unique_ptr<PlanEngine> engine_;
    torch::Tensor input_;
};

TEST_P(PlanEngineRuns, OneAndSixteenCallersGetEqualBytes) {
    const std::vector<float> alone = picture(0, 1, 1);
    std::vector<std::vector<float>> together(16);
    std::vector<std::thread> callers;
    for (auto& answer : together)
        callers.emplace_back([&] {
            for (int repeat = 0; repeat < 5; ++repeat) answer = picture(0, 1, 1);
        });
    for (std::thread& caller : callers) caller.join();
    for (const auto& answer : together) EXPECT_EQ(answer, alone);
}

TEST_P(PlanEngineRuns, OneAndSixteenThreadsGiveEqualBytes) {
    const std::vector<float> many = picture(0, 16, 16);
    EXPECT_EQ(picture(0, 16, 16), many) << "another time";
    for (int n = 0; n < 16; ++n) {
        const std::vector<float> latency = picture(n, 1, 16), single = picture(n, 1, 1);
        EXPECT_EQ(latency, single) << "picture " << n << " spread over threads";
        EXPECT_TRUE(
            std::equal(single.begin(), single.end(), many.begin() + static_cast<std::ptrdiff_t>(n * single.size())))
            << "picture " << n << " with a core of its own";
    }
}

// oneDNN chooses its kernels by the number of pictures too, and they add in another order.
TEST_P(PlanEngineRuns, SixteenAtOnceAreThoseOfOneAtATime) {
    const double bound = used_precision(GetParam()) == Precision::bf16 ? 1e-2 : 1e-6;
    for (const int count : {2, 3, 16})
        for (const int threads : {1, 2}) {
            const std::vector<float> many = picture(0, count, threads);
            const std::size_t area = many.size() / static_cast<std::size_t>(count);
            for (int n = 0; n < count; ++n) {
                const std::vector<float> single = picture(n, 1, 1);
                double difference = 0, norm = 0;
                for (std::size_t i = 0; i < area; ++i) {
                    const double wanted = static_cast<double>(single[i]);
                    difference +=
                        std::pow(static_cast<double>(many[static_cast<std::size_t>(n) * area + i]) - wanted, 2);
                    norm += wanted * wanted;
                }
                EXPECT_LE(std::sqrt(difference / norm), bound) << "picture " << n << " of " << count;
            }
        }
}

TEST_P(PlanEngineRuns, TakesNoMemoryAfterTheFirstTime) {
    std::vector<float> sr(16 * 3 * 32 * 24), logits(16 * 7);
    const Results results{{"picture", sr}, {"logits", logits}};
    const std::span<const float> pictures(input_.data_ptr<float>(), 16 * 3 * 16 * 12);
    for (const int threads : {1, 2}) {
        const auto play = [&] { engine_->run({16, 16, 12}, pictures, results, threads); };
        play();
        EXPECT_EQ(allocations_of(play), 0u) << threads << " threads";
    }
}

TEST_P(PlanEngineRuns, PreparesWhatItWillPlay) {
    EXPECT_EQ(engine_->memory().programs, 0u);
    engine_->prepare({5, 16, 12});
    const EngineMemory prepared = engine_->memory();
    EXPECT_EQ(prepared.programs, 2u) << "four pictures and one";
    EXPECT_GT(prepared.packed_bytes, 0u);
    EXPECT_GT(prepared.scratch_bytes, 0u);
    (void)picture(0, 5, 1);
    EXPECT_EQ(engine_->memory().programs, 2u);
    EXPECT_THROW(engine_->prepare(1, {}), UsageError);
}

TEST_P(PlanEngineRuns, KeepsABoundedNumberOfSizes) {
    std::size_t packed = 0;
    for (int size = 4; size < 104; ++size) {
        const std::vector<float> input(static_cast<std::size_t>(3 * size * size), 0.5f);
        std::vector<float> logits(7);
        engine_->run({1, size, size}, input, {{"logits", logits}});
        const EngineMemory memory = engine_->memory();
        ASSERT_LE(memory.programs, 32u);
        ASSERT_LE(memory.scratch_bytes, std::size_t{512} << 20);
        if (size == 35) packed = memory.packed_bytes;
    }
    EXPECT_LE(engine_->memory().packed_bytes, 2 * packed) << "weights of sizes that are gone are still there";
}

TEST_P(PlanEngineRuns, SizesThatComeOnceWalkThroughTheSameMemory) {
    const auto picture_of = [](const PlanEngine& engine, int size) {
        const auto area = static_cast<std::size_t>(size * size);
        std::vector<float> input(3 * area), made(12 * area);
        for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i % 17) / 17;
        engine.run({1, size, size}, input, {{"picture", made}});
        return made;
    };
    torch::manual_seed(11);
    PlanModule module(dense_block());
    (void)picture_of(*engine_, 90);
    const std::size_t first = engine_->memory().scratch_bytes;
    for (int size = 89; size > 80; --size) {
        const std::vector<float> again = picture_of(*engine_, size);
        EXPECT_EQ(engine_->memory().scratch_bytes, first) << size;
        const PlanEngine fresh(dense_block(), state_of(module), GetParam());
        EXPECT_EQ(picture_of(fresh, size), again) << "what the size before it left is still seen, " << size;
    }
}

TEST(PlanEngine, TellsThePrecisionThatIsUsed) {
    PlanModule module(dense_block());
    for (const Precision precision : {Precision::f32, Precision::bf16})
        EXPECT_EQ(PlanEngine(dense_block(), state_of(module), precision).precision(), used_precision(precision));
    EXPECT_EQ(used_precision(Precision::f32), Precision::f32);
}

/// A picture and a map of another size that weighs its channels.
Plan two_inputs() {
    PlanBuilder p;
    const auto picture = p.input(3, "picture"), weights = p.input(8, "weights");
    return p.finish(p.conv("out", p.mul(p.conv("in", picture, 8), p.global_avg_pool(weights)), 3));
}

TEST(PlanEngine, PlaysANetworkWithTwoInputsOfDifferentSizes) {
    torch::manual_seed(5);
    PlanModule module(two_inputs());
    module.eval();
    const torch::InferenceMode inference;
    const std::map<std::string, Tensor> inputs{{"picture", torch::rand({3, 3, 10, 8})},
                                               {"weights", torch::rand({3, 8, 5, 5})}};
    const auto expected = module.play(inputs);
    const PlanEngine engine(two_inputs(), state_of(module), Precision::f32);
    const auto ours = play(engine, inputs, expected);
    EXPECT_LT((ours.at("out") - expected.at("out")).norm().item<double>(), 1e-5);
}

TEST(PlanEngine, RefusesInputsThatAreMissingOrUnknown) {
    PlanModule module(two_inputs());
    const PlanEngine engine(two_inputs(), state_of(module), Precision::f32);
    const std::vector<float> picture(3 * 16), weights(8 * 16);
    EXPECT_THROW(engine.run(1, {{"picture", {picture, {4, 4}}}}, {}), UsageError);
    EXPECT_THROW(engine.run(1, {{"picture", {picture, {4, 4}}}, {"else", {weights, {4, 4}}}}, {}), UsageError);
    EXPECT_THROW(
        engine.run(1, {{"picture", {picture, {4, 4}}}, {"weights", {weights, {4, 4}}}, {"else", {weights, {4, 4}}}},
                   {}),
        UsageError);
    EXPECT_NO_THROW(engine.run(1, {{"picture", {picture, {4, 4}}}, {"weights", {weights, {4, 4}}}}, {}));
}

INSTANTIATE_TEST_SUITE_P(PlanEngine, PlanEngineRuns, ::testing::Values(Precision::f32, Precision::bf16),
                         [](const auto& one) { return name_of(one.param); });

TEST(PlanEngine, ListsWeightsThatDoNotFit) {
    PlanModule module(dense_block());
    TensorMap state = state_of(module);
    state.erase("a.weight");
    state["b.bias"] = HostTensor::from_floats(std::vector<float>{1}, {1});
    try {
        PlanEngine(dense_block(), state, Precision::f32);
        FAIL();
    } catch (const ModelError& error) {
        EXPECT_NE(std::string(error.what()).find("missing a.weight"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("b.bias has the wrong shape"), std::string::npos);
    }
}

TEST(PlanEngine, RefusesSizesOutputsAndLengthsThatDoNotFit) {
    PlanBuilder p;
    const Plan plan = p.finish(p.linear("fc", p.flatten(p.conv("c", p.input(1), 4), 9), 2));
    PlanModule module(plan);
    const PlanEngine engine(plan, state_of(module), Precision::f32);
    std::vector<float> input(16), out(2);
    EXPECT_THROW(engine.run({1, 4, 4}, input, {{"out", out}}), UsageError);
    input.resize(9);
    EXPECT_THROW(engine.run({1, 3, 3}, input, {{"other", out}}), UsageError);
    EXPECT_THROW(engine.run({2, 3, 3}, input, {{"out", out}}), Bug);
    EXPECT_NO_THROW(engine.run({1, 3, 3}, input, {{"out", out}}));
    EXPECT_NO_THROW(engine.run({0, 3, 3}, {}, {}));
}

TEST(PlanEngine, ProfilesEveryOperation) {
    PlanModule module(dense_block());
    const PlanEngine engine(dense_block(), state_of(module), Precision::f32);
    double gflop = 0;
    for (const StepCost& cost : engine.profile({1, 16, 12}, 1, 3)) {
        EXPECT_GE(cost.ms, 0);
        EXPECT_FALSE(cost.implementation.empty());
        gflop += cost.gflop;
    }
    EXPECT_NEAR(gflop * 1e9, static_cast<double>(dense_block().flops(16, 12)), 1);
}

TEST(PlanEngine, MeasuresAPeak) {
    EXPECT_GT(measured_peak_gflops(Precision::f32, 1, 1), 0);
}

}  // namespace
}  // namespace affectsr
