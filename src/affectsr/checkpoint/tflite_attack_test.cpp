#include <gtest/gtest.h>

#include <random>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/base/test_cost.h"
#include "affectsr/checkpoint/test_tflite.h"
#include "affectsr/checkpoint/tflite_plan.h"

namespace affectsr {
namespace {

using namespace test_tflite;

/// A network with a node of nearly every kind.
std::string every_kind() {
    Network network({1, 8, 8, 2});
    const int half = network.half_constant({4, 3, 3, 2}, std::vector<std::uint16_t>(72, 0x3800));
    const int weight = network.node(kDequantize, {half}, {4, 3, 3, 2}), bias = network.constant({4}, {1, 2, 3, 4});
    const int conv = network.conv(0, weight, bias, {1, 4, 4, 4}, kSame, 2, 3);
    const int depthwise = network.depthwise(conv, network.constant({1, 3, 3, 4}, std::vector<float>(36, 0.5F)), bias,
                                            {1, 4, 4, 4}, kSame, 1, 1);
    const int sum = network.node(kAdd, {conv, depthwise}, {1, 4, 4, 4}, 11, {{0, std::uint8_t{1}}});
    const int bent = network.node(kPrelu, {sum, network.constant({1, 1, 4}, {.1F, .2F, .3F, .4F})}, {1, 4, 4, 4});
    const int pooled = network.pool(kMaxPool, bent, {1, 2, 2, 4}, kSame, 2, 2);
    const int by = network.whole_constant({4, 2}, {0, 0, 0, 0, 0, 0, 0, 4});
    const int padded = network.node(kPad, {pooled, by}, {1, 2, 2, 8});
    const int size = network.whole_constant({2}, {4, 4});
    const int large = network.node(kResizeBilinear, {padded, size}, {1, 4, 4, 8}, 15, {{3, std::uint8_t{1}}});
    const int scaled = network.node(kMul, {large, network.constant({}, {2})}, {1, 4, 4, 8}, 21, {});
    const Blob gaps =
        sparsity({0, 1, 2, 3}, {},
                 {dense_level(4), dense_level(1), dense_level(1), compressed_level(8, {0, 1, 2, 2, 3}, {7, 3, 1})});
    const int weights = network.node(kDensify, {network.sparse_constant({4, 1, 1, 8}, {1, 2, 3}, gaps)}, {4, 1, 1, 8});
    const int packed = network.conv(scaled, weights, -1, {1, 4, 4, 4}, kValid, 1);
    const int spread = network.node(kDepthToSpace, {packed}, {1, 8, 8, 1}, 94, {{0, 2}});
    const int fine = network.node(kReshape, {scaled}, {1, 16, 8}), coarse = network.node(kReshape, {padded}, {1, 4, 8});
    const int joined = network.node(kConcatenation, {fine, coarse}, {1, 20, 8}, 10, {{0, 1}});
    return network.file({joined, spread, network.node(kLogistic, {pooled}, {1, 2, 2, 4})});
}

/// Whether the bytes are understood; anything but a ModelError ends the test.
bool is_understood(const TemporaryFolder& folder, const std::string& bytes) {
    try {
        const TflitePlan made = tflite_plan(read_tflite(folder.fill("x.tflite", bytes)), "x.tflite");
        made.plan.shapes(made.size.height, made.size.width);
        return true;
    } catch (const ModelError& error) {
        EXPECT_LT(std::string(error.what()).size(), 700u);
        return false;
    }
}

TEST(TfliteAttack, IsRefusedCutOffAtAnyByte) {
    const TemporaryFolder folder;
    const std::string whole = every_kind();
    ASSERT_TRUE(is_understood(folder, whole));
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(is_understood(folder, whole.substr(0, length))) << length;
}

TEST(TfliteAttack, WithExtremeNumbersIsUnderstoodOrRefused) {
    const TemporaryFolder folder;
    const std::string whole = every_kind();
    std::size_t refused = 0, changed = 0;
    for (std::size_t at = 0; at + 4 <= whole.size(); at += 4)
        for (const std::uint32_t extreme : {0u, 1u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu, 0xFFFFFFF8u, 0x00010001u,
                                            static_cast<std::uint32_t>(whole.size())}) {
            std::string bytes = whole;
            patch(bytes, at, extreme, 4);
            refused += is_understood(folder, bytes) ? 0 : 1;
            ++changed;
        }
    EXPECT_GT(refused, changed / 4) << "most words of this file are offsets and numbers that matter";
}

TEST(TfliteAttack, WithChangedBytesIsUnderstoodOrRefused) {
    const TemporaryFolder folder;
    const std::string whole = every_kind();
    std::mt19937 random(20240229);
    for (int i = 0; i < 5000; ++i) {
        std::string bytes = whole;
        for (std::uint32_t change = random() % 4 + 1; change > 0; --change)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        is_understood(folder, bytes);
    }
}

/// Files that claim far more than they are.
std::vector<std::pair<std::string, std::string>> heavy_files() {
    const std::string head = std::string(4, '\0') + "TFL3";
    const auto file_of = [&](const Blob& model) {
        std::string bytes = head;
        append(bytes, 0, model);
        return bytes;
    };
    // A vector whose offsets all lead to the one table that follows it.
    const auto same_table = [](std::size_t times, const Blob& table) {
        Blob made{little(times, 4) + std::string(4 * times, '\0'), 0};
        const std::size_t end = made.bytes.size();
        for (std::size_t i = 0; i < times; ++i) patch(made.bytes, 4 + 4 * i, end + table.entry - (4 + 4 * i), 4);
        made.bytes += table.bytes;
        return made;
    };
    const auto model_of = [&](const Blob& graph, const std::vector<Blob>& buffers) {
        return file_of(table({{0, 3},
                              {1, vector_of_tables({table({{0, std::uint8_t{19}}})})},
                              {2, vector_of_tables({graph})},
                              {4, vector_of_tables(buffers)}}));
    };
    const Blob long_name = table({{0, vector_of(std::vector<std::int32_t>{1})}, {3, text(std::string(4000, 'x'))}});
    const Blob long_inputs = table({{1, vector_of(std::vector<std::int32_t>(1000, 0))}});
    const Blob one_tensor = vector_of_tables({table({{0, vector_of(std::vector<std::int32_t>{1})}})});
    // Nodes that all name the same weights, of 256 KiB.
    Network shared({1, 1, 1, 256});
    const int weight = shared.constant({256, 1, 1, 256}, std::vector<float>(256 * 256, 0.01F));
    int x = 0;
    for (int i = 0; i < 1000; ++i) x = shared.conv(x, weight, -1, {1, 1, 1, 256}, kValid, 1);
    Network doubled({1, 1, 1, 1});
    int joined = doubled.node(kReshape, {doubled.node(kRelu, {0}, {1, 1, 1, 1})}, {1, 1});
    for (int i = 1; i <= 16; ++i) joined = doubled.node(kConcatenation, {joined, joined}, {1, 1 << i}, 10, {{0, 1}});
    return {
        {"16,384 tensors of one long name", model_of(table({{0, same_table(1 << 14, long_name)}}), {})},
        {"16,384 nodes of the same 1,000 inputs",
         model_of(table({{0, one_tensor}, {3, same_table(1 << 14, long_inputs)}}), {})},
        {"a small file with large gaps",
         model_of(table({{0, vector_of_tables({table(
                                 {{0, vector_of(std::vector<std::int32_t>{1 << 13, 1 << 13})},
                                  {2, 1},
                                  {6, sparsity({0, 1}, {},
                                               {dense_level(1 << 13), compressed_level(1 << 13, {0, 0}, {})})}})})}}),
                  {table({}), table({{0, vector_of(std::vector<float>{1})}})})},
        {"2^30 tensors", model_of(table({{0, Blob{little(1u << 30, 4), 0}}}), {})},
        {"1,000 nodes of the same weights", shared.file({x})},
        {"a value joined with itself 16 times over", doubled.file({joined})},
    };
}

TEST(TfliteAttack, ThatClaimsMoreThanItIsIsRefusedWithBoundedWorkAndMemory) {
    if (!costs_are_counted()) GTEST_SKIP() << "a sanitizer takes memory of its own";
    const TemporaryFolder folder;
    for (const auto& [why, bytes] : heavy_files()) {
        SCOPED_TRACE(why);
        const auto file = folder.fill("x.tflite", bytes);
        const Cost cost = cost_of_refusing([&] { tflite_plan(read_tflite(file), "x.tflite"); });
        EXPECT_TRUE(cost.refused);
        EXPECT_LE(cost.resident_kib, 32 << 10);
        EXPECT_LE(cost.allocations, 2000 + bytes.size() / 2);
        EXPECT_LE(cost.allocated_bytes, (std::size_t{1} << 20) + 128 * bytes.size());
    }
}

}  // namespace
}  // namespace affectsr
