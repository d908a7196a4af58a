#include <gtest/gtest.h>

#include <array>
#include <iterator>
#include <random>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/base/test_cost.h"
#include "affectsr/checkpoint/pickle.h"
#include "affectsr/checkpoint/pth.h"
#include "affectsr/checkpoint/test_checkpoints.h"

namespace affectsr {
namespace {

using namespace test_checkpoints;

const std::vector<float> kValues = {1, 2, 3, 4, 5, 6};

struct Attack {
    std::string why;      // what is wrong with the file
    std::string bytes;    // the file
    std::string code;     // of the error
    std::string message;  // what it must say
};

/// A checkpoint with one storage of six floats, called "0".
std::string with(const std::string& operations) {
    return zip_checkpoint(operations, {stored("0", kValues)});
}

/// Pickles that would make the canary if anything of them were run, in both formats.
std::vector<Attack> running(const std::string& canary) {
    const std::string touch = "touch " + canary, python = "open('" + canary + "','w')";
    const std::string tensors = dict({{"w", vector_of("0", 6)}});
    const std::vector<std::array<std::string, 3>> pickles = {
        {"GLOBAL os.system", call(global("os", "system"), {text(touch)}), "\"os.system\""},
        {"GLOBAL posix.system", call(global("posix", "system"), {text(touch)}), "\"posix.system\""},
        {"REDUCE on eval", call(global("builtins", "eval"), {text(python)}), "\"builtins.eval\""},
        {"REDUCE on Python 2's eval", call(global("__builtin__", "eval"), {text(python)}), "\"__builtin__.eval\""},
        {"INST", "(" + text(touch) + "ios\nsystem\n", "(INST) of \"os.system\""},
        {"OBJ", "(" + global("os", "system") + text(touch) + "o", "\"os.system\""},
        {"NEWOBJ", global("subprocess", "Popen") + tuple({text(touch)}) + "\x81", "\"subprocess.Popen\""},
        {"STACK_GLOBAL", text("os") + text("system") + "\x93" + tuple({text(touch)}) + "R", "\"os.system\""},
        {"STACK_GLOBAL behind an allowed module",
         text("torch") + text("serialization.os.system") + "\x93" + tuple({text(touch)}) + "R",
         "\"torch.serialization.os.system\""},
        {"a pickle in a pickle", call(global("torch.storage", "_load_from_bytes"), {text("cos\nsystem\n")}),
         "\"torch.storage._load_from_bytes\""},
        {"a module as it was", call(global("torch", "load"), {text(canary)}), "\"torch.load\""},
        {"BUILD with __setstate__",
         ordered_dict({}) + dict({{"__setstate__", global("os", "system")}}) + "b" + text(touch) + "b",
         "\"os.system\""},
        {"BUILD with __setstate__ of an allowed name",
         ordered_dict({}) + dict({{"__setstate__", global("torch", "Size")}}) + "b", "sets \"__setstate__\""},
        {"BUILD on a tensor", vector_of("0", 6) + dict({{"a", none()}}) + "b", "gives a state"},
        {"a persistent id that is a path", text("/etc/passwd") + "Q", "by a name or path"},
        {"PERSID", "P/etc/passwd\n", "operation PERSID"},
        {"a persistent id of a module", tuple({text("module"), none(), text("a.py"), text(python), none()}) + "Q",
         "no storage"},
        {"behind good tensors", tensors + call(global("os", "system"), {text(touch)}) + "\x86", "\"os.system\""},
    };
    std::vector<Attack> attacks;
    for (const auto& [why, operations, message] : pickles) {
        // Under a key that nobody asks for, it must be refused all the same.
        const std::string hidden = "}" + text("x") + operations + "s" + text("w") + vector_of("0", 6) + "s";
        for (const std::string& where : {operations, hidden}) {
            attacks.push_back({why, with(where), "forbidden_pickle", message});
            attacks.push_back(
                {why + ", legacy", legacy_checkpoint(where, {stored("0", kValues)}), "forbidden_pickle", message});
        }
    }
    const std::string run = call(global("os", "system"), {text(touch)});
    attacks.push_back({"in place of the magic number", pickle(run), "forbidden_pickle", "\"os.system\""});
    attacks.push_back({"in the list of storages", legacy_head() + pickle(tensors) + pickle(run), "forbidden_pickle",
                       "\"os.system\""});
    attacks.push_back(
        {"a bare pickle of protocol 0", "cos\nsystem\n(S'" + touch + "'\ntR.", "unknown_checkpoint", "no PyTorch"});
    return attacks;
}

std::vector<Attack> impossible_tensors() {
    const std::int64_t huge = std::int64_t{1} << 40, most = INT64_MAX;
    const std::string whole = storage("Float", "0", 6);
    const auto tensor = [&](std::int64_t offset, const std::vector<std::int64_t>& sizes,
                            const std::vector<std::int64_t>& strides) {
        return with(dict({{"w", tensor_of(whole, offset, sizes, strides)}}));
    };
    const auto damaged = [](const std::string& why, const std::string& bytes, const std::string& message) {
        return Attack{why, bytes, "model_damaged", message};
    };
    return {
        damaged("longer than its storage", tensor(0, {7}, {1}), "which has 6"),
        damaged("beginning behind its storage", tensor(6, {1}, {1}), "which has 6"),
        damaged("striding out of its storage", tensor(0, {2}, {6}), "which has 6"),
        damaged("beginning before its storage", tensor(-1, {1}, {1}), "begins before its storage"),
        damaged("with a negative stride", tensor(5, {2}, {-1}), "strides that are no numbers from 0 on"),
        damaged("with a negative side", tensor(0, {-1}, {1}), "sizes that are no numbers from 0 on"),
        damaged("with sides that overflow", tensor(0, {huge, huge}, {0, 0}), "shape that overflows"),
        damaged("with strides that overflow", tensor(0, {3}, {most}), "shape that overflows"),
        damaged("with an offset that overflows", tensor(most, {2}, {1}), "shape that overflows"),
        damaged("with a side of 0 that hides an overflow", tensor(0, {huge, huge, 0}, {0, 0, 0}),
                "shape that overflows"),
        damaged("expanded to a terabyte", tensor(0, {huge}, {0}), "more elements than its storage"),
        damaged("with fewer strides than sides", tensor(0, {1, 1}, {1}), "not as many strides"),
        damaged("with 17 sides", tensor(0, std::vector<std::int64_t>(17, 1), std::vector<std::int64_t>(17, 1)),
                "17 dimensions"),
        damaged("of a storage that is not there", with(dict({{"w", vector_of("1", 6)}})),
                "storage \"1\" is not in the file"),
        damaged("of a storage outside the archive", with(dict({{"w", vector_of("../../etc/passwd", 6)}})),
                "is not in the file"),
        damaged("of a storage that is longer", with(dict({{"w", vector_of("0", 5)}})),
                "has 24 bytes, its tensors need 20"),
        damaged("of a storage that is shorter", with(dict({{"w", vector_of("0", huge)}})),
                "its tensors need 4398046511104"),
        damaged("of a storage with -1 elements", with(dict({{"w", vector_of("0", -1)}})), "has -1 elements"),
        damaged("of a storage with 2^63 bytes", with(dict({{"w", vector_of("0", most / 2)}})), "elements"),
        damaged("of a storage with two types",
                with(dict({{"a", vector_of("0", 6)}, {"b", tensor_of(storage("Int", "0", 6), 0, {6}, {1})}})),
                "two types"),
        damaged("of nothing", with(dict({{"w", call(global("torch._utils", "_rebuild_tensor_v2"), {})}})),
                "not made of"),
        damaged("that is there twice", with("}" + items({{"w", vector_of("0", 6)}, {"w", vector_of("0", 6)}})),
                "is there twice"),
        {"of complex numbers", with(dict({{"w", tensor_of(storage("ComplexFloat", "0", 3), 0, {3}, {1})}})),
         "forbidden_pickle", "\"torch.ComplexFloatStorage\""},
    };
}

std::vector<Attack> wrong_files() {
    const std::string tensors = dict({{"w", vector_of("0", 6)}});
    const std::vector<ZipEntry> good = zip_entries(tensors, {stored("0", kValues)});
    const auto and_entry = [&](const ZipEntry& entry) {
        std::vector<ZipEntry> entries = good;
        entries.push_back(entry);
        return zip(entries);
    };
    std::vector<ZipEntry> compressed = good, claiming = good;
    compressed[1].method = 8;
    claiming[1].claimed = 10ull << 30;
    std::string tar(512, '\0');
    tar.replace(257, 5, "ustar");
    const std::string legacy = legacy_checkpoint(tensors, {stored("0", kValues)});
    std::string other_count = legacy;
    other_count[legacy.size() - 32] = 5;
    return {
        {"empty", "", "model_damaged", "is empty"},
        {"a web page", "<!DOCTYPE html><html>", "unknown_checkpoint", "a web page"},
        {"a tar archive", tar, "unknown_checkpoint", "before 0.1.10"},
        {"another pickle", pickle(dict({})), "unknown_checkpoint", "torch.save did not write"},
        {"another zip", zip({{"a.txt", "hello"}}), "unknown_checkpoint", "no data.pkl"},
        {"TorchScript", and_entry({"archive/constants.pkl", pickle(")")}), "unknown_checkpoint", "TorchScript"},
        {"TorchScript with compressed code", and_entry({"archive/code/__torch__.py", "x", ~0ull, 8}),
         "unknown_checkpoint", "TorchScript"},
        {"TorchScript of PyTorch 1.0", zip({{"archive/model.json", "{}"}, {"archive/tensors/0", "1234"}}),
         "unknown_checkpoint", "TorchScript"},
        {"an exported program", zip({{"p/archive_format", "pt2"}}), "unknown_checkpoint", "exported program"},
        {"a package", and_entry({"archive/.data/extern_modules", ""}), "unknown_checkpoint", "torch.package"},
        {"bytes behind the archive", zip(good) + pickle("cos\nsystem\n"), "model_damaged", "bytes follow its end"},
        {"two pickles", and_entry({"other/data.pkl", pickle(")")}), "model_damaged", "two data.pkl"},
        {"zip-slip", and_entry({"../../canary", "x"}), "model_damaged", "leads out of its folder"},
        {"an absolute name", and_entry({"/tmp/canary", "x"}), "model_damaged", "is called \"/tmp/canary\""},
        {"a compressed storage", zip(compressed), "unknown_checkpoint", "is compressed"},
        {"a storage of 10 GiB", zip(claiming, true), "model_damaged", "claims 10737418240 bytes"},
        {"no tensors", with(dict({{"epoch", number(1)}, {"lr", none()}})), "no_weights",
         "it has the keys \"epoch\", \"lr\""},
        {"a list", with(list({vector_of("0", 6)})), "no_weights", "holds no dict"},
        {"keys too deep", with(dict({{"model", dict({{"model", dict({{"model", tensors}})}})}})), "no_weights",
         "under params_ema"},
        {"big-endian legacy",
         pickle("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") + pickle("M\xe9\x03") +
             pickle(dict({{"little_endian", "\x89"}})),
         "unknown_checkpoint", "big-endian"},
        {"legacy of another protocol", pickle("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") + pickle("K\x01"),
         "unknown_checkpoint", "protocol 1001"},
        {"legacy with bytes behind it", legacy + "x", "model_damaged", "1 bytes follow"},
        {"legacy cut off", legacy.substr(0, legacy.size() - 1), "model_damaged", "cut off in storage \"0\""},
        {"legacy with another count", other_count, "model_damaged", "has 5 elements, its tensors need 6"},
        {"legacy without its storage", legacy_checkpoint(tensors), "model_damaged", "\"0\" is not in the file"},
        {"legacy with a storage of nobody", legacy_checkpoint(tensors, {stored("0", kValues), stored("1", kValues)}),
         "model_damaged", "that no tensor uses"},
        {"legacy view out of its storage",
         legacy_checkpoint(
             dict({{"w", tensor_of(storage("Float", "0", 6, tuple({text("1"), number(4), number(3)})), 0, {3}, {1})}}),
             {stored("0", kValues)}),
         "model_damaged", "reaches out of it"},
    };
}

/// As large as the limits allow, or far larger, with the fault at the end.
std::vector<Attack> heavy_files() {
    const std::size_t many = PickleRules{}.most_values;
    std::string laughs = "]q" + std::string(1, '\0');
    for (int i = 1; i < 200; ++i) {
        const std::string before(1, static_cast<char>(i - 1)), now(1, static_cast<char>(i));
        laughs += "(" + repeated("h" + before, 100) + "lq" + now;
    }
    std::string nested = "}";  // dicts under the keys of weights, each in all places of the next
    for (int i = 0; i < 100; ++i) {
        const std::string number(1, static_cast<char>(i));
        nested = dict({{"params", nested + "q" + number}, {"params_ema", "h" + number}, {"model", "h" + number}});
    }
    std::vector<ZipEntry> entries = zip_entries(dict({}), {});
    for (int i = 0; i < 60000; ++i) entries.push_back({"archive/data/" + std::to_string(i), ""});
    const std::string pairs = list(std::vector<std::string>(50000, list({text("a"), none()})));
    const auto forbidden = [](const std::string& why, const std::string& operations, const std::string& message) {
        return Attack{why, with(operations), "forbidden_pickle", message};
    };
    return {
        {"a billion laughs", with("(" + laughs + "l"), "no_weights", "holds no dict"},
        {"a billion wrapped dicts", with(nested), "no_weights", "the keys \"params\""},
        {"60,000 entries", zip(entries), "no_weights", "no tensors by name"},
        forbidden("too many values", "(" + repeated("]", many + 1), "values"),
        forbidden("too many operations", "]" + repeated("q\x01", PickleRules{}.most_operations), "operations"),
        forbidden("too many numbers", "(" + repeated("K\x01", many + 1), "values"),
        forbidden("too many tuples", "(" + repeated("N\x85", many), "values"),
        forbidden("too many names", "(" + repeated(global("torch", "bool"), many + 1), "values"),
        forbidden("a memo number of 2^32", "]r\xff\xff\xff\xff", "remembers"),
        forbidden("dicts of one long list",
                  "(" + pairs + "q\x01" + repeated(global("collections", "OrderedDict") + "h\x01\x85R", 50),
                  "too many pairs"),
        forbidden("nesting 10,000 deep", repeated("](", 10000) + repeated("e", 10000), "nested over 500 deep"),
        forbidden("tuples 10,000 deep", ")" + repeated("\x85", 10000), "nested over 500 deep"),
    };
}

std::vector<Attack> every_attack(const std::string& canary) {
    std::vector<Attack> all = running(canary);
    for (auto* more : {impossible_tensors, wrong_files, heavy_files}) {
        std::vector<Attack> found = more();
        all.insert(all.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
    }
    return all;
}

TEST(PthAttack, IsRefusedByNameAndFaultAndNothingRuns) {
    const TemporaryFolder folder;
    const std::filesystem::path canary = folder.path() / "canary";
    for (const Attack& attack : every_attack(canary.string())) {
        SCOPED_TRACE(attack.why);
        try {
            read_pth(folder.fill("bad.pth", attack.bytes));
            ADD_FAILURE() << "was read";
        } catch (const ModelError& error) {
            const std::string message = error.what();
            EXPECT_EQ(error.code(), attack.code) << message.substr(0, 500);
            EXPECT_LT(message.size(), 700u);
            EXPECT_NE(message.find(attack.message), std::string::npos) << message.substr(0, 500);
            EXPECT_NE(message.find("bad.pth"), std::string::npos) << message.substr(0, 500);
        }
        EXPECT_FALSE(std::filesystem::exists(canary));
    }
}

// How long it takes is refusal_bench.cpp's affair: a second is more work on one machine than on another.
TEST(PthAttack, IsRefusedWithBoundedWorkAnd32MiB) {
    if (!costs_are_counted()) GTEST_SKIP() << "a sanitizer takes memory of its own";
    const TemporaryFolder folder;
    for (const Attack& attack : every_attack("canary")) {
        SCOPED_TRACE(attack.why);
        const auto file = folder.fill("bad.pth", attack.bytes);
        const Cost cost = cost_of_refusing([&] { read_pth(file); });
        EXPECT_TRUE(cost.refused);
        EXPECT_LE(cost.resident_kib, 32 << 10);
        // A value or two for every byte of the pickle, as far as its limit; copies of a whole file would show.
        EXPECT_LE(cost.allocations, 2000 + attack.bytes.size() / 2);
        EXPECT_LE(cost.allocated_bytes, (std::size_t{1} << 20) + 128 * attack.bytes.size());
    }
}

/// Whether the file is read or refused as it should be; anything else ends the test.
void read_or_refuse(const TemporaryFolder& folder, const std::string& bytes) {
    try {
        for (const auto& [name, tensor] : read_pth(folder.fill("x.pth", bytes)).tensors) tensor.floats();
    } catch (const ModelError&) {
        // An ordinary answer here.
    }
}

/// The text with a few bytes changed, taken out, or put in.
std::string mutated(std::string text, std::mt19937& random) {
    for (std::uint32_t change = random() % 3 + 1; change > 0 && !text.empty(); --change) {
        const std::size_t at = random() % text.size();
        switch (random() % 4) {
            case 0:
                text[at] = static_cast<char>(text[at] ^ (1 << random() % 8));
                break;
            case 1:
                text[at] = static_cast<char>(random());
                break;
            case 2:
                text.erase(at, random() % 4 + 1);
                break;
            case 3:
                text.insert(at, text.substr(random() % text.size(), random() % 8));
                break;
        }
    }
    return text;
}

TEST(PthAttack, ByDamageIsReadOrRefused) {
    const TemporaryFolder folder;
    std::mt19937 random(20240229);
    const std::string whole = storage("Float", "0", 6);
    const std::string operations =
        dict({{"epoch", number(3)},
              {"state_dict", ordered_dict({{"module.a.weight", tensor_of(whole, 0, {3, 2}, {1, 3})},
                                           {"module.a.bias", tensor_of(storage("Short", "1", 2), 0, {2}, {1})},
                                           {"module.b", call(global("torch._utils", "_rebuild_parameter"),
                                                             {vector_of("0", 6), "\x88", ordered_dict({})})}}) +
                                 dict({{"_metadata", ordered_dict({})}}) + "b"}});
    const std::vector<StoredValues> storages = {stored("0", kValues), stored("1", std::vector<std::int16_t>{7, -7})};
    const std::string zipped = zip(zip_entries(operations, storages), true);
    const std::string legacy = legacy_checkpoint(operations, storages);
    ASSERT_EQ(read_pth(folder.fill("x.pth", zipped)).tensors.size(), 3u);
    ASSERT_EQ(read_pth(folder.fill("x.pth", legacy)).tensors.size(), 3u);
    for (int i = 0; i < 1500; ++i) {
        read_or_refuse(folder, mutated(zipped, random));
        read_or_refuse(folder, mutated(legacy, random));
        // With the right CRC, so that the damage reaches the pickle.
        read_or_refuse(folder, zip_checkpoint(mutated(operations, random), storages));
    }
    for (std::size_t length = 0; length < zipped.size(); length += 3) {
        EXPECT_THROW(read_pth(folder.fill("x.pth", zipped.substr(0, length))), ModelError) << length;
        EXPECT_THROW(read_pth(folder.fill("x.pth", legacy.substr(0, length % legacy.size()))), ModelError) << length;
    }
}

}  // namespace
}  // namespace affectsr
