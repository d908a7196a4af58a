#include "affectsr/checkpoint/tflite_plan.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/checkpoint/test_tflite.h"
#include "affectsr/plan/fit.h"

namespace affectsr {
namespace {

using namespace test_tflite;

TflitePlan plan_of(const Network& network, const std::vector<std::int32_t>& outputs) {
    const TemporaryFolder folder;
    return tflite_plan(read_tflite(folder.fill("x.tflite", network.file(outputs))), "x.tflite");
}

void expect_refused(const Network& network, int output, const std::string& code, const std::string& message) {
    try {
        plan_of(network, {output});
        ADD_FAILURE() << "was understood, in spite of: " << message;
    } catch (const ModelError& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
        EXPECT_EQ(std::string(error.what()).rfind("x.tflite: ", 0), 0u) << error.what();
    }
}

std::vector<std::string> kinds_of(const Plan& plan) {
    std::vector<std::string> kinds;
    for (const Step& step : plan.steps) kinds.emplace_back(name_of(step.kind));
    return kinds;
}

TEST(TflitePlan, TurnsWeightsToOurOrderUnderTheNamesOfThePlan) {
    Network network({1, 2, 2, 2});
    // [out 1, height 2, width 2, in 2], numbered in that order.
    const int weight = network.constant({1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}), bias = network.constant({1}, {9});
    const TflitePlan made = plan_of(network, {network.conv(0, weight, bias, {1, 1, 1, 1}, kValid, 1)});
    EXPECT_EQ(made.size, (InputSize{2, 2}));
    EXPECT_EQ(made.channels, 2);
    EXPECT_NO_THROW(expect_fit(made.plan, made.tensors, "x"));
    EXPECT_EQ(made.tensors.at("node0.weight").shape(), (std::vector<std::int64_t>{1, 2, 2, 2}));
    EXPECT_EQ(made.tensors.at("node0.weight").floats(), (std::vector<float>{0, 2, 4, 6, 1, 3, 5, 7}));
    EXPECT_EQ(made.tensors.at("node0.bias").floats(), std::vector<float>{9});
    EXPECT_EQ(made.outputs.at(0).name, "t3");
}

TEST(TflitePlan, AddsAPadStepOnlyWhereTheBorderIsUneven) {
    const auto kinds = [](int size, int stride) {
        Network network({1, size, size, 1});
        const int weight = network.constant({1, 3, 3, 1}, std::vector<float>(9, 1)), out = (size + stride - 1) / stride;
        return kinds_of(plan_of(network, {network.conv(0, weight, -1, {1, out, out, 1}, kSame, stride)}).plan);
    };
    EXPECT_EQ(kinds(8, 1), (std::vector<std::string>{"input", "conv"}));
    EXPECT_EQ(kinds(7, 2), (std::vector<std::string>{"input", "conv"}));
    EXPECT_EQ(kinds(8, 2), (std::vector<std::string>{"input", "pad", "conv"}));
}

TEST(TflitePlan, TellsWhichPartsAnOutputConsistsOf) {
    Network network({1, 2, 2, 2});
    const int fine = network.node(kReshape, {network.node(kRelu, {0}, {1, 2, 2, 2})}, {1, 4, 2});
    const int small = network.pool(kMaxPool, 0, {1, 1, 1, 2}, kValid, 2, 2);
    const int coarse = network.node(kReshape, {small}, {1, 1, 2});
    const int joined = network.node(kConcatenation, {fine, coarse}, {1, 5, 2}, 10, {{0, -2}});
    const TflitePlan made = plan_of(network, {small, joined});
    ASSERT_EQ(made.outputs.size(), 2u);
    EXPECT_EQ(made.outputs[0].parts.at(0).output, "0");
    EXPECT_EQ(made.outputs[1].shape, (std::vector<std::int64_t>{1, 5, 2}));
    ASSERT_EQ(made.outputs[1].parts.size(), 2u);
    EXPECT_EQ(made.outputs[1].parts[0].output, "1.0");
    EXPECT_EQ(made.outputs[1].parts[0].shape, (ValueShape{2, 2, 2}));
}

TEST(TflitePlan, NamesAnOperatorOutsideTheListWithItsNode) {
    Network network({1, 2, 2, 1});
    const int y = network.node(kMean, {network.node(kRelu, {0}, {1, 2, 2, 1})}, {1, 1, 1, 1});
    expect_refused(network, y, "unsupported_operator", "node 1 (MEAN) is not among the operators");
}

TEST(TflitePlan, RefusesSettingsThatNoStepHas) {
    const std::vector<std::int32_t> shape = {1, 4, 4, 1};
    const auto conv = [&](const std::map<int, Field>& options, const std::vector<std::int32_t>& weight,
                          const std::string& message) {
        Network network(shape);
        const auto count = static_cast<std::size_t>(weight[1] * weight[2]);
        const int w = network.constant(weight, std::vector<float>(count, 1));
        expect_refused(network, network.node(kConv, {0, w}, shape, 1, options), "unsupported_operator", message);
    };
    conv({{1, 1}, {2, 2}}, {1, 1, 1, 1}, "node 0 (CONV_2D) has strides of 1×2");
    conv({{1, 1}, {2, 1}, {4, 2}}, {1, 1, 1, 1}, "is dilated by 2×1");
    conv({{1, 1}, {2, 1}}, {1, 1, 3, 1}, "has a window of 3×1");
    conv({{1, 1}, {2, 1}, {3, std::uint8_t{2}}}, {1, 1, 1, 1}, "has the fused activation RELU_N1_TO_1");
    conv({}, {1, 1, 1, 1}, "has strides of 0×0");
    Network pooled(shape);
    expect_refused(pooled, pooled.pool(kMaxPool, 0, shape, kSame, 2, 1), "unsupported_operator",
                   "not the same on all sides");
    Network mean(shape);
    expect_refused(mean, mean.pool(kAveragePool, 0, shape, kSame, 3, 1), "unsupported_operator",
                   "must not count in a mean");
    Network corners(shape);
    const int size = corners.whole_constant({2}, {8, 8});
    expect_refused(corners, corners.node(kResizeBilinear, {0, size}, {1, 8, 8, 1}, 15, {}), "unsupported_operator",
                   "aligns corners");
    Network odd(shape);
    const int wide = odd.whole_constant({2}, {4, 8});
    expect_refused(odd, odd.node(kResizeNearest, {0, wide}, {1, 4, 8, 1}, 74, {}), "unsupported_operator",
                   "a whole factor");
    Network batch(shape);
    const int by = batch.whole_constant({4, 2}, {0, 1, 0, 0, 0, 0, 0, 0});
    expect_refused(batch, batch.node(kPad, {0, by}, {2, 4, 4, 1}), "unsupported_operator", "pads the batch");
}

TEST(TflitePlan, RefusesOperandsThatNoStepTakes) {
    const std::vector<std::int32_t> shape = {1, 2, 2, 2};
    Network whole(shape);
    const int ints = whole.whole_constant({2, 1, 1, 2}, {1, 2, 3, 4});
    expect_refused(whole, whole.conv(0, ints, -1, shape, kValid, 1), "unsupported_operator",
                   "needs tensor 1 (INT32 of 2×1×1×2) to be a constant of FLOAT32 or FLOAT16");
    Network computed(shape);
    expect_refused(computed, computed.node(kPrelu, {0, 0}, shape), "unsupported_operator", "one number for each of 2");
    Network folded(shape);
    const int c = folded.constant(shape, std::vector<float>(8, 1));
    expect_refused(folded, folded.node(kRelu, {c}, shape), "unsupported_operator", "a constant, as a computed value");
    Network reshaped(shape);
    const int flat = reshaped.node(kReshape, {0}, {1, 4, 1, 2});
    expect_refused(reshaped, reshaped.pool(kMaxPool, flat, {1, 4, 1, 2}, kValid, 1, 1), "unsupported_operator",
                   "a value that was reshaped");
    Network places(shape);
    expect_refused(places, places.node(kMul, {0, places.constant(shape, std::vector<float>(8, 1))}, shape, 21, {}),
                   "unsupported_operator", "one number for each of 2 channels");
    Network rows({1, 2, 1, 1});
    expect_refused(rows, rows.node(kConcatenation, {0, 0}, {1, 2, 2, 1}, 10, {{0, 2}}), "unsupported_operator",
                   "joins along axis 2");
}

TEST(TflitePlan, RefusesNodesThatContradictTheirShapes) {
    Network small({1, 4, 4, 1});
    expect_refused(small, small.pool(kMaxPool, 0, {1, 3, 3, 1}, kValid, 2, 2), "model_damaged",
                   "makes 1×2×2×1, but the file says 1×3×3×1");
    Network large({1, 1, 1, 1});
    expect_refused(large, large.pool(kMaxPool, 0, {1, 0, 0, 1}, kValid, 2, 2), "model_damaged",
                   "a window that is larger than its picture");
    Network reshaped({1, 2, 2, 1});
    expect_refused(reshaped, reshaped.node(kReshape, {0}, {1, 5}), "model_damaged", "makes 1×5");
    Network early({1, 1, 1, 1});
    early.raw_node(kRelu, {1}, {2});
    early.value({1, 1, 1, 1});
    early.value({1, 1, 1, 1});
    expect_refused(early, 2, "model_damaged", "which no node before it makes");
    Network twice({1, 1, 1, 1});
    const int y = twice.node(kRelu, {0}, {1, 1, 1, 1});
    twice.raw_node(kRelu, {0}, {y});
    expect_refused(twice, y, "model_damaged", "node 1 (RELU) makes tensor 1, which is there already");
    Network lost({1, 1, 1, 1});
    expect_refused(lost, lost.value({1}), "model_damaged", "no node makes output 0");
    expect_refused(Network({1, 1, 1, 1}), 0, "model_damaged", "output 0 is the input itself");
    Network weights({1, 1, 1, 3});
    const int w = weights.constant({2, 1, 1, 2}, {1, 2, 3, 4});
    expect_refused(weights, weights.conv(0, w, -1, {1, 1, 1, 2}, kValid, 1), "model_damaged", "for 3 channels");
}

TEST(TflitePlan, RefusesWeightsThatAreNoNumbers) {
    Network network({1, 1, 1, 1});
    const int weight = network.constant({1, 1, 1, 1}, {NAN});
    expect_refused(network, network.conv(0, weight, -1, {1, 1, 1, 1}, kValid, 1), "not_finite",
                   "node 0 (CONV_2D) has a weight that is no number: element 0");
}

TEST(TflitePlan, RefusesOtherInputs) {
    expect_refused(Network({2, 1, 1, 1}), 0, "unsupported_operator", "the input is FLOAT32 of 2×1×1×1");
    expect_refused(Network({1, 146, 2}), 0, "unsupported_operator", "the input is FLOAT32 of 1×146×2");
}

}  // namespace
}  // namespace affectsr
