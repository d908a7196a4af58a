#include "affectsr/checkpoint/tflite.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/checkpoint/test_tflite.h"

namespace affectsr {
namespace {

using namespace test_tflite;

TfliteGraph read(const std::string& bytes) {
    const TemporaryFolder folder;
    return read_tflite(folder.fill("x.tflite", bytes));
}

/// The code of the error, and its message.
std::pair<std::string, std::string> refusal(const std::string& bytes) {
    try {
        read(bytes);
    } catch (const ModelError& error) {
        return {error.code(), error.what()};
    }
    return {"was read", ""};
}

void expect_refused(const std::string& bytes, const std::string& code, const std::string& message) {
    const auto [found, what] = refusal(bytes);
    EXPECT_EQ(found, code) << what;
    EXPECT_NE(what.find(message), std::string::npos) << what;
    EXPECT_NE(what.find("x.tflite"), std::string::npos) << what;
}

TEST(Tflite, TellsTensorsNodesAndOptions) {
    Network network({1, 4, 4, 3});
    const int weight = network.constant({8, 1, 1, 3}, std::vector<float>(24, 0.5F));
    const int half = network.half_constant({2}, {0x3C00, 0xC000});
    const int y = network.conv(0, weight, -1, {1, 2, 2, 8}, kSame, 2, 3);
    const TfliteGraph graph = read(network.file({y}));
    EXPECT_EQ(graph.description, "made by a test");
    EXPECT_EQ(graph.inputs, std::vector<int>{0});
    EXPECT_EQ(graph.outputs, std::vector<int>{y});
    ASSERT_EQ(graph.tensors.size(), 4u);
    EXPECT_EQ(graph.tensors[0].name, "t0");
    EXPECT_EQ(graph.tensors[0].type, "FLOAT32");
    EXPECT_EQ(graph.tensors[0].shape, (std::vector<std::int64_t>{1, 4, 4, 3}));
    EXPECT_FALSE(graph.tensors[0].constant);
    EXPECT_EQ(graph.tensors[static_cast<std::size_t>(weight)].constant->floats(), std::vector<float>(24, 0.5F));
    const HostTensor& halves = *graph.tensors[static_cast<std::size_t>(half)].constant;
    EXPECT_EQ(halves.type(), DType::f16);
    EXPECT_EQ(halves.floats(), (std::vector<float>{1, -2}));
    ASSERT_EQ(graph.operators.size(), 1u);
    const TfliteOperator& conv = graph.operators[0];
    EXPECT_EQ(conv.name, "CONV_2D");
    EXPECT_EQ(conv.inputs, (std::vector<int>{0, weight}));
    EXPECT_TRUE(conv.has_options);
    EXPECT_TRUE(conv.options.same_padding);
    EXPECT_EQ(conv.options.stride_width, 2);
    EXPECT_EQ(conv.options.stride_height, 2);
    EXPECT_EQ(conv.options.dilation_width, 1);
    EXPECT_EQ(conv.options.activation, TfliteActivation::relu6);
    EXPECT_EQ(tflite_node(graph, 0, "x"), "x: node 0 (CONV_2D)");
}

TEST(Tflite, ReadsConstantsAfterTheFileIsGone) {
    Network network({1, 1, 1, 1});
    network.constant({2}, {3, 4});
    const TfliteGraph graph = read(network.file({0}));  // the folder goes with read()
    EXPECT_EQ(graph.tensors[1].constant->floats(), (std::vector<float>{3, 4}));
}

TEST(Tflite, NamesOperatorsThatItDoesNotKnow) {
    Network network({1, 1, 1, 1});
    network.raw_node(kMean, {0}, {0});
    network.raw_node(205, {0}, {0});
    const TfliteGraph graph = read(network.file({0}));
    EXPECT_EQ(graph.operators[0].name, "MEAN");
    EXPECT_EQ(graph.operators[1].name, "operator 205");
}

TEST(Tflite, RefusesOtherFiles) {
    expect_refused("", "unknown_checkpoint", "no TFLite file");
    expect_refused("<!DOCTYPE html><html>", "unknown_checkpoint", "no TFLite file");
    const Network network({1, 1, 1, 1});
    expect_refused(network.file({0}, 2), "unknown_checkpoint", "version 2");
}

TEST(Tflite, RefusesShapesAndNumbersThatDoNotFit) {
    Network few({1, 1, 1, 1});
    few.constant({3}, {1, 2});
    expect_refused(few.file({0}), "model_damaged", "tensor 1 \"t1\": has 8 bytes of numbers, its shape asks for 12");
    expect_refused(Network({1, -1, 1, 1}).file({0}), "model_damaged", "a side of -1");
    expect_refused(Network({1, 1 << 30, 1, 1}).file({0}), "model_damaged", "a side of 1073741824");
    expect_refused(Network({1, 1 << 14, 1 << 14, 1}).file({0}), "model_damaged", "more than 67108864 elements");
    expect_refused(Network(std::vector<std::int32_t>(9, 1)).file({0}), "model_damaged", "9 elements, the limit is 8");
    Network elsewhere({1, 1, 1, 1});
    elsewhere.tensor({1}, kFloat32, 7);
    expect_refused(elsewhere.file({0}), "model_damaged", "lies in buffer 7, which is not there");
}

TEST(Tflite, RefusesNodesThatNameWhatIsNotThere) {
    Network network({1, 1, 1, 1});
    network.raw_node(kRelu, {5}, {0});
    expect_refused(network.file({0}), "model_damaged", "node 0 (RELU): names tensor 5");
    expect_refused(Network({1, 1, 1, 1}).file({1}), "model_damaged", "the graph: names tensor 1");
    expect_refused(Network({1, 1, 1, 1}).file({-1}), "model_damaged", "the graph: names tensor -1");
    Network padded({1, 1, 1, 1});
    padded.node(kConv, {0, 0}, {1, 1, 1, 1}, 1, {{0, std::uint8_t{2}}});
    expect_refused(padded.file({0}), "model_damaged", "node 0 (CONV_2D): has padding 2");
}

}  // namespace
}  // namespace affectsr
