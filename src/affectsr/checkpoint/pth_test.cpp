#include "affectsr/checkpoint/pth.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/checkpoint/test_checkpoints.h"

namespace affectsr {
namespace {

using namespace test_checkpoints;
using Floats = std::vector<float>;
using Ints = std::vector<std::int64_t>;

const Floats kValues = {1, -2.5f, 3, 4, 5, 6};

/// The tensor "w" of a checkpoint in either format.
HostTensor tensor_w(const std::string& operations, const std::vector<StoredValues>& storages, bool legacy) {
    const TemporaryFolder folder;
    const std::string bytes = legacy ? legacy_checkpoint(operations, storages) : zip_checkpoint(operations, storages);
    return read_pth(folder.fill("x.pth", bytes)).tensors.at("w");
}

PublishedCheckpoint read(const std::string& operations,
                         const std::vector<StoredValues>& storages = {stored("0", kValues)}) {
    const TemporaryFolder folder;
    return read_pth(folder.fill("x.pth", zip_checkpoint(operations, storages)));
}

std::vector<std::string> names(const PublishedCheckpoint& checkpoint) {
    std::vector<std::string> all;
    for (const auto& [name, tensor] : checkpoint.tensors) all.push_back(name);
    return all;
}

TEST(Pth, ReadsATensorOfBothFormats) {
    const std::string operations = dict({{"w", tensor_of(storage("Float", "0", 6), 0, {2, 3}, {3, 1})}});
    for (const bool legacy : {false, true}) {
        const HostTensor tensor = tensor_w(operations, {stored("0", kValues)}, legacy);
        EXPECT_EQ(tensor.type(), DType::f32);
        EXPECT_EQ(tensor.shape(), (Ints{2, 3}));
        EXPECT_EQ(tensor.floats(), kValues);
    }
}

TEST(Pth, ReadsEveryTypeOfStorage) {
    struct Typed {
        std::string type;
        StoredValues values;
        DType becomes;
    };
    const auto bits = [](const std::vector<std::uint16_t>& halves) { return stored("0", halves); };
    for (const Typed& typed : std::vector<Typed>{
             {"Float", stored("0", Floats{1, -2}), DType::f32},
             {"Half", bits({0x3C00, 0xC000}), DType::f16},       // IEEE 754 binary16
             {"BFloat16", bits({0x3F80, 0xC000}), DType::bf16},  // the upper half of binary32
             {"Double", stored("0", std::vector<double>{1, -2}), DType::f64},
             {"Long", stored("0", Ints{1, -2}), DType::i64},
             {"Int", stored("0", std::vector<std::int32_t>{1, -2}), DType::i32},
             {"Short", stored("0", std::vector<std::int16_t>{1, -2}), DType::i32},
             {"Char", stored("0", std::vector<std::int8_t>{1, -2}), DType::i32},
         })
        for (const bool legacy : {false, true}) {
            SCOPED_TRACE(typed.type);
            const std::string operations = dict({{"w", tensor_of(storage(typed.type, "0", 2), 0, {2}, {1})}});
            const HostTensor tensor = tensor_w(operations, {typed.values}, legacy);
            EXPECT_EQ(tensor.type(), typed.becomes);
            EXPECT_EQ(tensor.floats(), (Floats{1, -2}));
        }
    for (const std::string type : {"Byte", "Bool"}) {
        const std::string operations = dict({{"w", tensor_of(storage(type, "0", 2), 0, {2}, {1})}});
        const HostTensor tensor = tensor_w(operations, {stored("0", std::vector<std::uint8_t>{1, 0})}, false);
        EXPECT_EQ(tensor.type(), DType::u8) << type;
        EXPECT_EQ(tensor.ints(), (Ints{1, 0})) << type;
    }
}

TEST(Pth, GathersStridedTensorsAndSharesStorages) {
    const std::string whole = storage("Float", "0", 6);
    const PublishedCheckpoint checkpoint = read(dict({{"transposed", tensor_of(whole, 0, {3, 2}, {1, 3})},
                                                      {"column", tensor_of(whole, 1, {2}, {3})},
                                                      {"tail", tensor_of(whole, 4, {2}, {1})},
                                                      {"one", tensor_of(whole, 5, {}, {})},
                                                      {"none", tensor_of(whole, 0, {0, 4}, {4, 1})},
                                                      {"flat", tensor_of(whole, 0, {1, 6}, {99, 1})}}));
    EXPECT_EQ(checkpoint.tensors.at("transposed").floats(), (Floats{1, 4, -2.5f, 5, 3, 6}));
    EXPECT_EQ(checkpoint.tensors.at("transposed").shape(), (Ints{3, 2}));
    EXPECT_EQ(checkpoint.tensors.at("column").floats(), (Floats{-2.5f, 5}));
    EXPECT_EQ(checkpoint.tensors.at("tail").floats(), (Floats{5, 6}));
    EXPECT_EQ(checkpoint.tensors.at("one").floats(), (Floats{6}));
    EXPECT_EQ(checkpoint.tensors.at("one").shape(), Ints{});
    EXPECT_EQ(checkpoint.tensors.at("none").count(), 0);
    EXPECT_EQ(checkpoint.tensors.at("flat").floats(), kValues);
    const auto* flat = checkpoint.tensors.at("flat").bytes().data();
    EXPECT_EQ(checkpoint.tensors.at("tail").bytes().data(), flat + 4 * sizeof(float));  // no copies of one storage
}

TEST(Pth, AlignsWhatTheFileDoesNot) {
    for (std::size_t shift = 0; shift < 8; ++shift) {
        const TemporaryFolder folder;
        std::vector<ZipEntry> entries = zip_entries(dict({{"w", tensor_of(storage("Double", "0", 2), 0, {2}, {1})}}),
                                                    {stored("0", std::vector<double>{1, 2})});
        entries.insert(entries.begin(), {"archive/pad", std::string(shift, 'x')});
        const HostTensor tensor = read_pth(folder.fill("x.pth", zip(entries))).tensors.at("w");
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.bytes().data()) % 8, 0u);
        EXPECT_EQ(tensor.floats(), (Floats{1, 2}));
    }
}

TEST(Pth, TurnsBigEndianNumbersRound) {
    const TemporaryFolder folder;
    const auto entries_in = [](const std::string& order) {
        std::vector<ZipEntry> entries = zip_entries(dict({{"w", tensor_of(storage("Float", "0", 1), 0, {1}, {1})}}),
                                                    {{"0", 1, std::string("\x3f\x80\0\0", 4)}});
        entries.push_back({"archive/byteorder", order});
        return zip(entries);
    };
    EXPECT_EQ(read_pth(folder.fill("x.pth", entries_in("big"))).tensors.at("w").floats(), Floats{1});
    EXPECT_NE(read_pth(folder.fill("x.pth", entries_in("little"))).tensors.at("w").floats(), Floats{1});
    EXPECT_THROW(read_pth(folder.fill("x.pth", entries_in("middle"))), ModelError);
}

TEST(Pth, ReadsParametersAndTheFirstKindOfTensor) {
    const std::string tensor = vector_of("0", 6);
    const std::string old = call(global("torch._utils", "_rebuild_tensor"),
                                 {storage("Float", "0", 6), number(0), numbers({6}), numbers({1})});
    const std::string parameter =
        call(global("torch._utils", "_rebuild_parameter"), {tensor, "\x88", ordered_dict({})});
    const PublishedCheckpoint checkpoint = read(ordered_dict({{"old", old}, {"parameter", parameter}}));
    EXPECT_EQ(checkpoint.tensors.at("old").floats(), kValues);
    EXPECT_EQ(checkpoint.tensors.at("parameter").floats(), kValues);
}

TEST(Pth, ReadsAViewOfAStorageInTheOldestFiles) {
    const std::string view = storage("Float", "0", 6, tuple({text("1"), number(2), number(3)}));
    const std::string operations = dict({{"w", tensor_of(view, 1, {2}, {1})}});
    EXPECT_EQ(tensor_w(operations, {stored("0", kValues)}, true).floats(), (Floats{4, 5}));
    const std::string whole = dict({{"w", tensor_of(storage("Float", "0", 6, none()), 0, {6}, {1})}});
    EXPECT_EQ(tensor_w(whole, {stored("0", kValues)}, true).floats(), kValues);
}

TEST(Pth, FindsTheWeightsUnderEveryUsualKey) {
    const std::string weights = ordered_dict({{"w", vector_of("0", 6)}});
    for (const std::string key :
         {"params_ema", "params", "state_dict", "net_state_dict", "model", "model_state_dict"}) {
        const PublishedCheckpoint checkpoint = read(dict({{"epoch", number(3)}, {key, weights}, {"best", none()}}));
        EXPECT_EQ(names(checkpoint), std::vector<std::string>{"w"}) << key;
        EXPECT_EQ(checkpoint.within, std::vector<std::string>{key});
        EXPECT_EQ(checkpoint.beside, (std::vector<std::string>{"epoch", "best"})) << key;
    }
    const PublishedCheckpoint nested = read(dict({{"model", dict({{"state_dict", weights}})}}));
    EXPECT_EQ(nested.within, (std::vector<std::string>{"model", "state_dict"}));
    EXPECT_EQ(nested.format, "zip");
    EXPECT_TRUE(read(weights).within.empty());
}

TEST(Pth, PrefersTheAveragedWeights) {
    const std::string plain = dict({{"plain", vector_of("0", 6)}}), averaged = dict({{"averaged", vector_of("0", 6)}});
    EXPECT_EQ(names(read(dict({{"params", plain}, {"params_ema", averaged}}))), std::vector<std::string>{"averaged"});
    EXPECT_EQ(names(read(dict({{"params", plain}, {"params_ema", none()}}))), std::vector<std::string>{"plain"});
    EXPECT_EQ(names(read(dict({{"params_ema", dict({})}, {"params", plain}}))), std::vector<std::string>{"plain"});
}

TEST(Pth, TakesAwayModuleOnlyBeforeAllNames) {
    const std::string w = vector_of("0", 6);
    EXPECT_EQ(names(read(dict({{"module.a", w}, {"module.b.c", w}}))), (std::vector<std::string>{"a", "b.c"}));
    EXPECT_EQ(names(read(dict({{"module.module.a", w}}))), std::vector<std::string>{"a"});
    EXPECT_EQ(names(read(dict({{"module.a", w}, {"b", w}}))), (std::vector<std::string>{"b", "module.a"}));
    EXPECT_EQ(names(read(dict({{"_orig_mod.a", w}, {"_orig_mod.b.c", w}}))), (std::vector<std::string>{"a", "b.c"}));
    EXPECT_EQ(names(read(dict({{"module._orig_mod.a", w}, {"module._orig_mod.b", w}}))),
              (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(names(read(dict({{"_orig_mod.module.a", w}}))), std::vector<std::string>{"a"});
    EXPECT_EQ(names(read(dict({{"net._orig_mod.a", w}, {"tail", w}}))), (std::vector<std::string>{"net.a", "tail"}));
    EXPECT_EQ(names(read(dict({{"my_orig_mod.a", w}}))), std::vector<std::string>{"my_orig_mod.a"});
    try {
        read(dict({{"_orig_mod.a", w}, {"a", w}}));
        FAIL();
    } catch (const ModelError& error) {
        EXPECT_EQ(error.code(), "model_damaged");
    }
}

TEST(Pth, LeavesAsideWhatIsNoTensor) {
    // numpy.float64(0.5) as pickle.dumps writes it in protocol 2, by Python 3.11 and NumPy 1.26.
    const std::string dtype = call(global("numpy", "dtype"), {text("f8"), "\x89", "\x88"}) +
                              tuple({number(3), text("<"), none(), none(), none(), number(-1)}) + "b";
    const std::string best = call(global("numpy.core.multiarray", "scalar"),
                                  {dtype, call(global("_codecs", "encode"), {text("abcdefgh"), text("latin1")})});
    const std::string optimizer = dict({{"state", "}(" + number(0) + dict({{"step", number(7)}}) + "u"},
                                        {"param_groups", list({dict({{"lr", "G\x3f\x50\x62\x4d\xd2\xf1\xa9\xfc"}})})}});
    const std::string metadata = dict({{"_metadata", ordered_dict({{"", dict({{"version", number(1)}})}})}}) + "b";
    const PublishedCheckpoint checkpoint =
        read(dict({{"best", best},
                   {"optimizer", optimizer},
                   {"device", call(global("torch", "device"), {text("cuda:0")})},
                   {"milestones", call(global("collections", "Counter"), {dict({})})},
                   {"state_dict", ordered_dict({{"w", vector_of("0", 6)}, {"names", list({text("a")})}}) + metadata}}));
    EXPECT_EQ(names(checkpoint), std::vector<std::string>{"w"});
    EXPECT_EQ(checkpoint.beside, (std::vector<std::string>{"best", "optimizer", "device", "milestones", "names"}));
}

TEST(Pth, KeepsTensorsAfterTheFileIsGone) {
    PublishedCheckpoint checkpoint;
    {
        const TemporaryFolder folder;
        checkpoint =
            read_pth(folder.fill("x.pth", zip_checkpoint(dict({{"w", vector_of("0", 6)}}), {stored("0", kValues)})));
    }
    EXPECT_EQ(checkpoint.tensors.at("w").floats(), kValues);
}

struct Published {
    std::string file, format;
    std::size_t tensors;
    std::int64_t elements;
    double sum;
    std::string first;  // a tensor
    Ints shape;
    double first_sum;
};

// Names, shapes and sums by Python 3.11: its zipfile, and its pickle with a find_class that knows the five names of
// these files; elements by struct.unpack, sums in double.
const std::vector<Published> kPublished = {
    {"lpips/vgg.pth", "legacy", 5, 1472, 131.855509, "lin0.model.1.weight", {1, 64, 1, 1}, 6.9259917},
    {"lpips/alex.pth", "legacy", 5, 1152, 105.275355, "lin0.model.1.weight", {1, 64, 1, 1}, 2.34953231},
    {"lpips/squeeze.pth", "legacy", 7, 2240, 173.438718, "lin0.model.1.weight", {1, 64, 1, 1}, 5.69010078},
    {"oarriaga_fer/fer2013_big_XCEPTION.54-0.66.converted.pth",
     "zip",
     46,
     208871,
     71945.9341,
     "conv2d_1.kernel",
     {32, 1, 3, 3},
     -3.10973734},
    {"oarriaga_fer/fer2013_mini_XCEPTION.102-0.66.converted.pth",
     "zip",
     80,
     58423,
     15988.3471,
     "conv2d_1.kernel",
     {8, 1, 3, 3},
     0.0320149483},
    {"yunet/yunet_n.pth", "zip", 208, 77890, 4123874.26, "backbone.model0.conv1.weight", {16, 3, 3, 3}, -1.09368433},
    {"squeezenet10/squeezenet10.converted.pth",
     "zip",
     52,
     1248424,
     -2421.50727,
     "conv1.weight",
     {96, 3, 7, 7},
     -0.565540895},
    {"mediapipe_pytorch/facemesh.pth",
     "legacy",
     113,
     604685,
     43001.8096,
     "backbone.0.weight",
     {16, 3, 3, 3},
     -14.7092838},
    {"mediapipe_pytorch/blazeface.pth",
     "legacy",
     74,
     101390,
     -727.425816,
     "backbone1.0.weight",
     {24, 3, 5, 5},
     -3.60885739},
    {"realesrgan_compact/RealESRGAN_General_x4_v3.converted.pth",
     "zip",
     101,
     1213296,
     2001.5015,
     "body.0.weight",
     {64, 3, 3, 3},
     -114.634741},
};

double sum_of(const HostTensor& tensor) {
    double sum = 0;
    for (const float value : tensor.floats()) sum += static_cast<double>(value);
    return sum;
}

TEST(Pth, ReadsPublishedCheckpointsAsPythonDoes) {
    const std::filesystem::path weights =
        std::filesystem::path(AFFECTSR_SOURCE_DIR).parent_path() / "shared" / "weights";
    if (!std::filesystem::is_directory(weights)) GTEST_SKIP() << "no published checkpoints in ../shared/weights";
    for (const Published& published : kPublished) {
        SCOPED_TRACE(published.file);
        const PublishedCheckpoint checkpoint = read_pth(weights / published.file);
        EXPECT_EQ(checkpoint.format, published.format);
        EXPECT_EQ(checkpoint.tensors.size(), published.tensors);
        std::int64_t elements = 0;
        double sum = 0;
        for (const auto& [name, tensor] : checkpoint.tensors) elements += tensor.count(), sum += sum_of(tensor);
        EXPECT_EQ(elements, published.elements);
        EXPECT_NEAR(sum / published.sum, 1, 1e-8);
        ASSERT_TRUE(checkpoint.tensors.contains(published.first));
        EXPECT_EQ(checkpoint.tensors.at(published.first).shape(), published.shape);
        EXPECT_NEAR(sum_of(checkpoint.tensors.at(published.first)) / published.first_sum, 1, 1e-8);
    }
}

}  // namespace
}  // namespace affectsr
