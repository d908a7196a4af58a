#include "golden/golden_case.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "affectsr/base/error.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr::golden {
namespace {

// Expected values: the rule of reference/golden.py in whole-number Python (no numpy), seed 7, gain 1.5, printed with
// nine digits, which name one float32.
Case seeded() {
    Case one;
    one.seed = 7;
    one.gain = 1.5;
    return one;
}

std::vector<float> filled(const std::string& name, std::vector<std::int64_t> shape) {
    return seeded().filled(name, std::move(shape)).floats();
}

// A folder that goes away with its test.
struct Folder {
    std::filesystem::path path;
    explicit Folder(const std::string& item) {
        root = std::filesystem::temp_directory_path() / ("affectsr_golden_" + std::to_string(::getpid()));
        path = root / item / "one";
        std::filesystem::create_directories(path);
    }
    ~Folder() { std::filesystem::remove_all(root); }
    void write(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }
    std::filesystem::path root;
};

TEST(GoldenCase, FillsAKernelByItsFanIn) {
    EXPECT_EQ(filled("conv.weight", {2, 2, 1, 1}),
              (std::vector<float>{-1.39157772f, 1.75280428f, 0.874344409f, 1.09295762f}));
}

TEST(GoldenCase, FillsANormScaleAroundOneAndABiasAroundZero) {
    EXPECT_EQ(filled("norm.weight", {2}), (std::vector<float>{0.955624104f, 1.04033041f}));
    EXPECT_EQ(filled("norm.bias", {2}), (std::vector<float>{-0.0846907124f, 0.0639143735f}));
}

TEST(GoldenCase, FillsRunningStatisticsByTheEndOfTheirName) {
    EXPECT_EQ(filled("bn.running_mean", {2}), (std::vector<float>{0.0781882554f, 0.0950731188f}));
    EXPECT_EQ(filled("bn.running_var", {2}), (std::vector<float>{1.49121463f, 1.12726021f}));
}

TEST(GoldenCase, HashesANameAsUtf8AndFillsAScalar) {
    EXPECT_EQ(filled("α", {}), (std::vector<float>{-0.0682629049f}));
}

TEST(GoldenCase, TakesASeedOf64Bits) {
    Case one;
    one.seed = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(one.filled("b", {1}).floats(), (std::vector<float>{0.0237202421f}));
}

TEST(GoldenCase, FillsTheStateButKeepsCountersZeroAndKeptConstantsOut) {
    Case one = seeded();
    one.config["keep"] = {"mean.bias"};
    one.state_dict = {{"norm.bias", {2}, "float32"}, {"n", {}, "int64"}, {"mean.bias", {3}, "float32"}};
    const TensorMap state = one.filled_state();
    ASSERT_EQ(state.size(), 2u);
    EXPECT_EQ(state.at("norm.bias").floats(), filled("norm.bias", {2}));
    EXPECT_EQ(state.at("n").ints(), (std::vector<std::int64_t>{0}));
}

TEST(GoldenCase, ReadsAFixtureWithMissingAndUnknownKeys) {
    const Folder folder("bicubic");
    folder.write("fixture.json", R"({"seed": 18446744073709551615, "colour": "blue", "notes": null, "config": null,
                                     "state_dict": [["a.weight", [2, 3], "float32"]]})");
    write_safetensors(folder.path / "tensors.safetensors",
                      {{{"input.x", HostTensor::from_floats(std::vector<float>{1, 2}, {2})}}, {}});
    const Case one = read_case(folder.path);
    EXPECT_EQ(one.network, "bicubic");  // the folder above, where the fixture does not say
    EXPECT_EQ(one.seed, 18446744073709551615u);
    EXPECT_EQ(one.gain, 1.0);
    EXPECT_EQ(one.tolerance, 1e-4);
    EXPECT_EQ(one.state_dict.at(0).shape, (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(one.input("x").floats(), (std::vector<float>{1, 2}));
    EXPECT_THROW(one.input("y"), InputError);
}

TEST(GoldenCase, RefusesAFolderThatHoldsNoCase) {
    const Folder folder("bicubic");
    EXPECT_THROW(read_case(folder.path), InputError);
    folder.write("fixture.json", "[1, 2");
    EXPECT_THROW(read_case(folder.path), InputError);
    folder.write("fixture.json", R"({"seed": "seven"})");
    EXPECT_THROW(read_case(folder.path), InputError);
    folder.write("fixture.json", R"({"seed": 7})");
    EXPECT_THROW(read_case(folder.path), ModelError);  // its tensors are missing
}

TEST(GoldenCase, MeasuresTheErrorRelativeToTheExpectedLength) {
    const HostTensor expected = HostTensor::from_floats(std::vector<float>{3, 4}, {2});
    const HostTensor ours = HostTensor::from_floats(std::vector<float>{3, 4.5f}, {2});
    EXPECT_DOUBLE_EQ(relative_error(ours, expected), 0.1);
    const HostTensor zero = HostTensor::from_floats(std::vector<float>{0, 0}, {2});
    EXPECT_DOUBLE_EQ(relative_error(expected, zero), 5);
}

TEST(GoldenCase, HoldsInfiniteAndUndefinedElementsToTheirKind) {
    const float infinite = std::numeric_limits<float>::infinity(), undefined = std::nanf("");
    const auto vector = [](float a, float b) { return HostTensor::from_floats(std::vector<float>{a, b}, {2}); };
    EXPECT_EQ(relative_error(vector(1, infinite), vector(1, infinite)), 0);
    EXPECT_EQ(relative_error(vector(1, undefined), vector(1, undefined)), 0);
    EXPECT_TRUE(std::isinf(relative_error(vector(1, 2), vector(1, infinite))));
    EXPECT_TRUE(std::isinf(relative_error(vector(1, undefined), vector(1, 2))));
}

TEST(GoldenCase, KnowsAMissingOutputFromAMissingStage) {
    Case one;
    const HostTensor two = HostTensor::from_floats(std::vector<float>{1, 1}, {2});
    one.tensors = {{"input.x", two}, {"output.y", two}, {"output.z", two}, {"stage.s", two}};
    const HostTensor other_shape = HostTensor::from_floats(std::vector<float>{1, 1}, {1, 2});
    const std::vector<Comparison> rows = compare(one, {{"output.z", other_shape}});
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_FALSE(rows[0].computed || rows[0].within);
    EXPECT_TRUE(rows[1].computed);
    EXPECT_FALSE(rows[1].same_shape || rows[1].within);
    EXPECT_FALSE(rows[0].optional);
    EXPECT_TRUE(rows[2].optional);
    EXPECT_FALSE(rows[2].computed || rows[2].within);
}

TEST(GoldenCase, HoldsBfloat16ToAToleranceOfItsOwn) {
    const auto vector = [](float a) { return HostTensor::from_floats(std::vector<float>{a, 0}, {2}); };
    Case one;
    one.tensors = {{"output.y", vector(1)}};
    const std::vector<Comparison> rows = compare(
        one, {{"output.y", vector(1)}, {"output.y@engine", vector(1.01f)}, {"output.y@engine_bf16", vector(1.01f)}});
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_TRUE(rows[0].within);
    EXPECT_FALSE(rows[1].within);
    EXPECT_TRUE(rows[2].within);
    EXPECT_EQ(rows[2].tolerance, one.tolerance_bf16);
}

TEST(GoldenCase, FindsARunnerByNetworkAndThenByTheFolderAbove) {
    ASSERT_TRUE(register_runner("double_it", [](const Case& one) {
        std::vector<float> values = one.input("x").floats();
        for (float& value : values) value *= 2;
        return Outputs{{"output.y", HostTensor::from_floats(values, one.input("x").shape())}};
    }));
    Case one;
    one.folder = "/cases/double_it/one";
    one.network = "a name that the reference gave";
    one.tensors = {{"input.x", HostTensor::from_floats(std::vector<float>{1, 2}, {2})},
                   {"output.y", HostTensor::from_floats(std::vector<float>{2, 4}, {2})}};
    const Runner* runner = find_runner(one);
    ASSERT_NE(runner, nullptr);
    EXPECT_TRUE(compare(one, (*runner)(one)).at(0).within);
    one.folder = "/cases/other/one";
    EXPECT_EQ(find_runner(one), nullptr);
    EXPECT_THROW(register_runner("double_it", {}), Bug);
}

}  // namespace
}  // namespace affectsr::golden
