// The parts of a network under the engine: what each kind of step costs at the sizes of a face.
#include "affectsr/engine/plan_engine.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <functional>
#include <random>

namespace affectsr {
namespace {

using Add = std::function<Value(PlanBuilder&, Value)>;

/// Random weights and small biases for every step of a plan.
TensorMap random_tensors(const Plan& plan) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0, 0.05f);
    TensorMap tensors;
    for (const Parameter& parameter : plan.parameters()) {
        std::int64_t count = 1;
        for (const std::int64_t side : parameter.shape) count *= side;
        std::vector<float> values(static_cast<std::size_t>(count), 0.1f);
        if (parameter.shape.size() > 1) std::generate(values.begin(), values.end(), [&] { return normal(random); });
        tensors[parameter.name] = HostTensor::from_floats(values, parameter.shape);
    }
    return tensors;
}

/// One step on a picture of 32 × 32 with one thread, without input and output: the median of 300 plays.
void time_step(benchmark::State& state, int channels, const Add& add) {
    PlanBuilder p;
    const Value x = p.input(channels);
    const Plan plan = p.finish(add(p, x));
    const PlanEngine engine(plan, random_tensors(plan), state.range(0) == 0 ? Precision::f32 : Precision::bf16);
    const BatchShape picture{1, 32, 32};
    double gflop = 0, ms = 0;
    for (auto _ : state) {
        ms = gflop = 0;
        for (const StepCost& cost : engine.profile(picture, 1, 300)) {
            if (cost.kind == "input" || cost.kind == "output") continue;
            ms += cost.ms;
            gflop += cost.gflop;
        }
        state.SetIterationTime(ms / 1e3);
    }
    if (gflop > 0) state.counters["GFLOP/s"] = gflop / ms * 1e3;
}

#define AFFECTSR_STEP(name, channels, expression)                                       \
    void name(benchmark::State& state) {                                                \
        time_step(state, channels, [](PlanBuilder& p, Value x) { return expression; }); \
    }                                                                                   \
    BENCHMARK(name)->ArgName("bf16")->Arg(0)->Arg(1)->UseManualTime()->Iterations(1)->Unit(benchmark::kMicrosecond)

AFFECTSR_STEP(first_convolution_of_a_dense_block, 64, p.leaky_relu(p.conv("c", x, 32), 0.2));
AFFECTSR_STEP(last_convolution_of_a_dense_block, 192, p.conv("c", x, 64));
AFFECTSR_STEP(enlarged_convolution, 64, p.leaky_relu(p.conv("c", p.enlarge_nearest(x, 2), 64), 0.2));
AFFECTSR_STEP(depthwise_convolution, 64, p.conv("c", x, 64, {.groups = 64}));
AFFECTSR_STEP(instance_norm, 32, p.leaky_relu(p.instance_norm("", x), 0.2));
AFFECTSR_STEP(concat, 96, p.concat({x, p.slice(x, 0, 32)}));
AFFECTSR_STEP(enlarge_bicubic, 3, p.enlarge_bicubic(x, 4));
AFFECTSR_STEP(pixel_shuffle, 256, p.pixel_shuffle(x, 2));

}  // namespace
}  // namespace affectsr
