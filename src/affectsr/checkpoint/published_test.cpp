#include "affectsr/checkpoint/published.h"

#include <gtest/gtest.h>

#include <limits>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/checkpoint/test_checkpoints.h"

namespace affectsr {
namespace {

using namespace test_checkpoints;
using Floats = std::vector<float>;

/// One convolution "head" of two weights and a bias, and a norm "bn".
Plan tiny() {
    PlanBuilder p;
    return p.finish(p.batch_norm("bn", p.conv("head", p.input(1), 2, {.kernel = 1})));
}

TensorMap tiny_tensors() {
    const auto two = [](float a, float b) { return HostTensor::from_floats(Floats{a, b}, {2}); };
    return {{"head.weight", HostTensor::from_floats(Floats{1, 2}, {2, 1, 1, 1})},
            {"head.bias", two(3, 4)},
            {"bn.weight", two(5, 6)},
            {"bn.bias", two(7, 8)},
            {"bn.running_mean", two(0, 1)},
            {"bn.running_var", two(1, 2)}};
}

std::string refusal(const TensorMap& tensors) {
    try {
        adopt(tiny(), tensors, "x.pth");
    } catch (const ModelError& error) {
        EXPECT_EQ(error.code(), "model_does_not_fit");
        return error.what();
    }
    return "";
}

TEST(Published, BecomeTheParametersOfThePlan) {
    const TensorMap adopted = adopt(tiny(), tiny_tensors(), "x.pth");
    EXPECT_EQ(adopted.size(), 6u) << "no counter of batches was published";
    EXPECT_EQ(adopted.at("bn.bias").floats(), (Floats{7, 8}));
    TensorMap counted = tiny_tensors();
    counted["bn.num_batches_tracked"] = HostTensor::from_ints(std::vector<std::int64_t>{9}, {});
    EXPECT_EQ(adopt(tiny(), counted, "x.pth").at("bn.num_batches_tracked").ints(), std::vector<std::int64_t>{9});
}

TEST(Published, KeepSixteenBitsAndWidenNothingElse) {
    TensorMap tensors = tiny_tensors();
    tensors["head.weight"] = tensors["head.weight"].cast(DType::bf16);
    tensors["head.bias"] = HostTensor::from_ints(std::vector<std::int64_t>{3, 4}, {2});
    const TensorMap adopted = adopt(tiny(), tensors, "x.pth");
    EXPECT_EQ(adopted.at("head.weight").type(), DType::bf16);
    EXPECT_EQ(adopted.at("head.bias").type(), DType::f32);
    EXPECT_EQ(adopted.at("head.bias").floats(), (Floats{3, 4}));
}

TEST(Published, ThatDoNotFitAreListedByKind) {
    TensorMap tensors = tiny_tensors();
    tensors.erase("bn.bias");
    tensors["tail.weight"] = tensors["bn.weight"];
    tensors["head.bias"] = HostTensor::from_floats(Floats{1, 2, 3}, {3, 1});
    EXPECT_EQ(refusal(tensors),
              "x.pth does not fit the network; 1 missing: bn.bias [2]; 1 extra: \"tail.weight\" [2]; 1 misshapen: "
              "head.bias is [3, 1], the network wants [2]. Another network or other options may fit");
}

TEST(Published, ThatDoNotFitAreListedWithAnEnd) {
    TensorMap tensors = tiny_tensors();
    for (int i = 0; i < 100; ++i) tensors["extra." + std::to_string(i)] = tensors["bn.bias"];
    EXPECT_NE(refusal(tensors).find("100 extra: "), std::string::npos);
    EXPECT_NE(refusal(tensors).find(", and 80 more"), std::string::npos);
}

TEST(Published, AreReadFromEitherKindOfFile) {
    const TemporaryFolder folder;
    const auto pth =
        folder.fill("a.bin", zip_checkpoint(dict({{"w", vector_of("0", 2)}}), {stored("0", Floats{1, 2})}));
    EXPECT_EQ(read_published(pth).tensors.at("w").floats(), (Floats{1, 2}));
    const auto plain = folder.path() / "b.bin";
    write_safetensors(plain, {{{"w", HostTensor::from_floats(Floats{1, 2}, {2})}}, {{"format", "pt"}}});
    EXPECT_EQ(read_published(plain).tensors.at("w").floats(), (Floats{1, 2}));
    EXPECT_EQ(read_published(plain).format, "safetensors");
}

TEST(Published, LoseTheNamesOfWrappersInSafetensorsToo) {
    const TemporaryFolder folder;
    const HostTensor one = HostTensor::from_floats(Floats{1}, {1});
    const auto names = [&](const TensorMap& tensors) {
        write_safetensors(folder.path() / "x.safetensors", {tensors, {}});
        std::string all;
        for (const auto& [name, tensor] : read_published(folder.path() / "x.safetensors").tensors) all += name + " ";
        return all;
    };
    EXPECT_EQ(names({{"module.a", one}, {"module.b", one}}), "a b ");
    EXPECT_EQ(names({{"_orig_mod.a", one}, {"_orig_mod.b", one}}), "a b ");
    EXPECT_EQ(names({{"module._orig_mod.a", one}, {"module._orig_mod.b", one}}), "a b ");
    EXPECT_EQ(names({{"n_averaged", HostTensor::from_ints(std::vector<std::int64_t>{9}, {})}, {"module.a", one}}),
              "a ");
}

TEST(Published, ThatAreNoNumbersAreRefusedByName) {
    const TemporaryFolder folder;
    TensorMap tensors = tiny_tensors();
    tensors["bn.running_var"] = HostTensor::from_floats(Floats{1, std::numeric_limits<float>::quiet_NaN()}, {2});
    try {
        adopt(tiny(), tensors, "x.pth");
        FAIL();
    } catch (const ModelError& error) {
        EXPECT_EQ(error.code(), "not_finite");
        EXPECT_NE(std::string(error.what()).find("\"bn.running_var\""), std::string::npos) << error.what();
    }
}

TEST(Published, AModelFileOfOursIsNotImportedAgain) {
    const TemporaryFolder folder;
    ModelFile model;
    model.tensors = tiny_tensors();
    model.save(folder.path() / "x.safetensors");
    try {
        read_published(folder.path() / "x.safetensors");
        ADD_FAILURE() << "was read";
    } catch (const ModelError& error) {
        EXPECT_EQ(error.code(), "already_imported");
    }
}

}  // namespace
}  // namespace affectsr
