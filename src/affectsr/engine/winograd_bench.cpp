// What the rule of winograd_pays stands on: convolutions of 3×3 by Winograd's filtering against the direct ones.
#include "affectsr/engine/winograd.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "affectsr/engine/program.h"

namespace affectsr::engine {
namespace {

/// Random weights of one convolution, "c".
TensorMap weights_of_c(int in, int out) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0, 0.05f);
    std::vector<float> weights(static_cast<std::size_t>(out * in * 9)), bias(static_cast<std::size_t>(out), 0.1f);
    for (float& x : weights) x = normal(random);
    TensorMap tensors;
    tensors["c.weight"] = HostTensor::from_floats(weights, {out, in, 3, 3});
    tensors["c.bias"] = HostTensor::from_floats(bias, {out});
    return tensors;
}

/// A program of one convolution, played without its input and output.
class OneConvolution {
 public:
    OneConvolution(const Plan& plan, Weights& weights, const std::vector<float>& pictures, const Target& target)
        : player_(std::make_shared<const Program>(compile(plan, fuse(plan), weights, target))) {
        player_.scratch().inputs[0] = pictures.data();
        player_.play();
    }
    double microseconds() const {
        const auto begin = std::chrono::steady_clock::now();
        for (std::size_t i = 1; i + 1 < player_.program()->actions.size(); ++i) player_.play(i);
        return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
    }

 private:
    Player player_;
};

double median(std::vector<double>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Channels in and out, side of the square picture that is convolved, whether it is first enlarged twice, pictures. One
/// thread. Both ways in turns; the time is Winograd's, `rule` tells whether it is used.
void against_direct(benchmark::State& state) {
    const auto arg = [&](int index) { return static_cast<int>(state.range(index)); };
    const int in = arg(0), out = arg(1), side = arg(2), enlarged = arg(3), count = arg(4);
    PlanBuilder p;
    const Value x = p.input(in);
    const Plan plan = p.finish(p.relu(p.conv("c", enlarged ? p.enlarge_nearest(x, 2) : x, out)));
    Weights weights(plan, weights_of_c(in, out), false);
    std::vector<float> pictures(static_cast<std::size_t>(count * in * side * side));
    std::mt19937 random(2);
    for (float& value : pictures) value = static_cast<float>(random() % 2048) / 1024 - 1;
    Target target{count, {{side, side}}, 1, WinogradUse::never};
    const OneConvolution direct(plan, weights, pictures, target);
    target.winograd = WinogradUse::wherever_it_can;
    const OneConvolution winograd(plan, weights, pictures, target);
    std::vector<double> by_direct, by_winograd;
    for (auto _ : state) {
        by_direct.push_back(direct.microseconds());
        by_winograd.push_back(winograd.microseconds());
        state.SetIterationTime(by_winograd.back() / 1e6);
    }
    state.counters["direct_us"] = median(by_direct);
    state.counters["winograd_us"] = median(by_winograd);
    state.counters["of_direct"] = median(by_winograd) / median(by_direct);
    const int side_of_result = enlarged ? 2 * side : side;
    const Surroundings around{
        count, {in, side, side}, {out, side_of_result, side_of_result}, weights.type(), weights.type()};
    const Operation convolution = fuse(plan).list.back();
    state.counters["rule"] = winograd_pays(plan.steps[convolution.step], convolution, around) ? 1 : 0;
}

void shapes(benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgNames({"in", "out", "side", "enlarged", "count"});
    for (const auto& [in, out] : {std::pair(64, 32), {96, 32}, {128, 32}, {160, 32}, {192, 64}, {64, 64}, {64, 256}})
        benchmark->Args({in, out, 32, 0, 1});                                 // trunks of RRDB and EDSR
    for (const int side : {32, 64}) benchmark->Args({64, 64, side, 1, 1});    // enlarging
    for (const int out : {3, 16, 64}) benchmark->Args({64, out, 128, 0, 1});  // the last ones
    for (const int channels : {64, 128, 256, 512})                            // a ResNet
        benchmark->Args({channels, channels, 3584 / channels, 0, 1});
    for (const int side : {4, 5, 6, 7, 8, 9, 10, 12, 14, 16})  // small pictures
        for (const int count : {1, 16}) benchmark->Args({64, 64, side, 0, count});
    for (const int side : {6, 8}) benchmark->Args({128, 128, side, 0, 1});                       // with many weights
    for (const int channels : {8, 16, 24, 32}) benchmark->Args({channels, channels, 48, 0, 1});  // few channels
    for (const int channels : {16, 32}) benchmark->Args({channels, 64, 24, 0, 1});
}
BENCHMARK(against_direct)->Apply(shapes)->UseManualTime()->Iterations(31)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace affectsr::engine
