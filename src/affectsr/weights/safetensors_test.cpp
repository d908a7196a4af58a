#include "affectsr/weights/safetensors.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/base/test_cost.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

std::string length_of(std::uint64_t length) {
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    return bytes;
}

// A file with this header and so many bytes of tensors.
std::string with_header(const std::string& header, std::size_t data_bytes = 0) {
    return length_of(header.size()) + header + std::string(data_bytes, '\1');
}

void write(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

std::string repeated(const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

struct Refusal {
    std::string why;      // what is wrong with the file
    std::string bytes;    // the file
    std::string message;  // what the error must say
};

std::vector<Refusal> bad_lengths() {
    const std::string one = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
    return {
        {"0 bytes", "", "empty"},
        {"7 bytes", "1234567", "only 7 bytes"},
        {"length 0", length_of(0) + one, "claims 0 bytes"},
        {"length 1", length_of(1) + one, "claims 1 bytes"},
        {"length 2^63", length_of(1ull << 63) + one, "claims 9223372036854775808 bytes"},
        {"length 2^64-1", length_of(~0ull) + one, "over the limit"},
        {"length over the file", length_of(one.size() + 2) + one + "1", "the file has 54 after the length"},
        {"header over its limit", with_header(one + std::string(9u << 20, ' '), 1), "over the limit"},
        {"truncated header", with_header(one, 1).substr(0, 30), "the file has 22"},
        {"truncated tensors", with_header(one), "bytes 0 to 1 of 0"},
        {"an appended pickle", with_header(one, 1) + "\x80\x02}q.", "5 bytes follow the last tensor"},
    };
}

std::vector<Refusal> bad_json() {
    return {
        {"a picture", with_header("\x89PNG\r\n\x1a\n"), "does not begin with"},
        {"a list", with_header("[1,2]"), "does not begin with"},
        {"half an object", with_header(R"({"a":)"), "not JSON"},
        {"two objects", with_header("{}{}"), "not JSON"},
        {"broken UTF-8", with_header("{\"\xff\":1}"), "not JSON"},
        {"zeros", with_header("{" + std::string(1000, '\0')), "not JSON"},
        {"lists nested 10,000 deep", with_header(R"({"a":)" + std::string(10000, '[')), "is a list"},
        {"objects nested 10,000 deep", with_header(repeated(R"({"a":)", 10000)), "unknown field \"a\""},
        {"depth in the metadata", with_header(R"({"__metadata__":{"a":)" + repeated("[", 10000)), "is a list"},
        {"metadata that is no text", with_header(R"({"__metadata__":{"a":1}})"), "metadata \"a\" is a number"},
        {"metadata that is no object", with_header(R"({"__metadata__":"a"})"), "is text"},
        {"metadata twice", with_header(R"({"__metadata__":{},"__metadata__":{}})"), "metadata is there twice"},
        {"a metadata key twice", with_header(R"({"__metadata__":{"a":"1","a":"2"}})"), "\"a\" is there twice"},
        {"a tensor that is a number", with_header(R"({"a":1})"), "\"a\" is a number"},
        {"a tensor that is null", with_header(R"({"a":null})"), "\"a\" is null"},
    };
}

std::vector<Refusal> bad_tensors() {
    const auto entry = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
        return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
    };
    const auto one = [&](const std::string& dtype, const std::string& shape, const std::string& offsets,
                         std::size_t bytes) {
        return with_header(R"({"a":)" + entry(dtype, shape, offsets) + "}", bytes);
    };
    const auto two = [&](const std::string& first, const std::string& second, std::size_t bytes) {
        return with_header(R"({"a":)" + entry("U8", "[4]", first) + R"(,"b":)" + entry("U8", "[4]", second) + "}",
                           bytes);
    };
    return {
        {"an unknown dtype", one("F8_E4M3", "[4]", "[0,4]", 4), "dtype is \"F8_E4M3\"; known are F32"},
        {"a dtype in small letters", one("f32", "[1]", "[0,4]", 4), "dtype is \"f32\""},
        {"a negative side", one("F32", "[-1]", "[0,4]", 4), "shape holds -1"},
        {"a broken side", one("F32", "[1.5]", "[0,4]", 4), "shape holds 1.5"},
        {"a side over 2^63", one("F32", "[9223372036854775808]", "[0,4]", 4), "shape holds 9223372036854775808"},
        {"a side over 2^64", one("F32", "[18446744073709551617]", "[0,4]", 4), "shape holds 18446744073709551617"},
        {"a product over 2^64", one("F32", "[4294967296,4294967296,2]", "[0,4]", 4), "shape that overflows"},
        {"a product that wraps to 4", one("U8", "[4611686018427387905,4]", "[0,4]", 4), "shape that overflows"},
        {"a product of 0 over 2^64", one("F32", "[4294967296,4294967296,0]", "[0,0]", 0), "shape that overflows"},
        {"a misfitting shape", one("F32", "[2]", "[0,4]", 4), "has 4 bytes, but its shape needs 8"},
        {"100,000 dimensions", one("U8", "[1" + repeated(",1", 100000) + "]", "[0,1]", 1), "more than 16 dimensions"},
        {"a shape in a shape", one("U8", "[[1]]", "[0,1]", 1), "shape is a list"},
        {"offsets the wrong way", one("U8", "[4]", "[4,0]", 4), "bytes 4 to 0 of 4"},
        {"offsets over the file", one("U8", "[4]", "[0,9]", 4), "bytes 0 to 9 of 4"},
        {"offsets near 2^64", one("U8", "[4]", "[18446744073709551612,18446744073709551615]", 4), "of 4"},
        {"a negative offset", one("U8", "[4]", "[-4,0]", 4), "data_offsets holds -4"},
        {"one offset", one("U8", "[4]", "[4]", 4), "two data_offsets"},
        {"three offsets", one("U8", "[4]", "[0,4,4]", 4), "more than two numbers"},
        {"no offsets", with_header(R"({"a":{"dtype":"U8","shape":[1]}})", 1), "two data_offsets"},
        {"an unknown field", with_header(R"({"a":{"dtype":"U8","shape":[1],"colour":"red"}})"), "\"colour\""},
        {"a field twice", with_header(R"({"a":{"dtype":"U8","dtype":"U8"}})"), "dtype is there twice"},
        {"an overlap", two("[0,4]", "[2,6]", 6), "overlaps"},
        {"the same bytes twice", two("[0,4]", "[0,4]", 4), "overlaps"},
        {"a hole before the first", two("[1,5]", "[5,9]", 9), "1 bytes before tensor \"a\" belong to no tensor"},
        {"a hole between", two("[0,4]", "[6,10]", 10), "2 bytes before tensor \"b\" belong to no tensor"},
        {"bytes after the last", two("[0,4]", "[4,8]", 9), "1 bytes follow the last tensor"},
        {"a tensor twice",
         with_header(R"({"a":)" + entry("U8", "[4]", "[0,4]") + R"(,"a":)" + entry("U8", "[4]", "[4,8]") + "}", 8),
         "tensor \"a\" is there twice"},
    };
}

// As large as a header may be, with its fault at the very end.
std::vector<Refusal> slow_headers() {
    const std::size_t most = kMostHeaderBytes - 64;
    std::string tensors = "{", metadata = R"({"__metadata__":{)";
    for (int i = 0; tensors.size() + 80 < most; ++i) {
        tensors += "\"t" + std::to_string(i) + R"(":{"dtype":"U8","shape":[],"data_offsets":[0,1]},)";
    }
    for (int i = 0; metadata.size() + 20 < most; ++i) metadata += "\"" + std::to_string(i) + R"(":"",)";
    return {
        {"many tensors", with_header(tensors + R"("z":1})"), "\"z\" is a number"},
        {"many tensors, one place", with_header(tensors.substr(0, tensors.size() - 1) + "}", 1), "overlaps"},
        {"much metadata", with_header(metadata + R"("":""},"z":1})"), "over 1024 keys"},
        {"a long text", with_header(R"({"__metadata__":{"a":")" + std::string(most - 100, 'x') + R"("},"z":1})"),
         "\"z\""},
        {"a long name", with_header("{\"" + std::string(most - 100, 'n') + R"(":1})"), "n…\" is a number"},
        {"a long number", with_header(R"({"a":{"shape":[)" + std::string(most - 100, '9') + "]}}"), "not JSON"},
        {"much white space", with_header("{" + std::string(most, ' ') + "x"), "not JSON"},
    };
}

std::vector<Refusal> every_refusal() {
    std::vector<Refusal> all = bad_lengths();
    for (auto* more : {bad_json, bad_tensors, slow_headers}) {
        std::vector<Refusal> found = more();
        all.insert(all.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
    }
    return all;
}

TEST(Safetensors, RefusesEveryMalformedFileByNameAndFault) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "bad.safetensors";
    for (const Refusal& refusal : every_refusal()) {
        SCOPED_TRACE(refusal.why);
        write(path, refusal.bytes);
        try {
            read_safetensors(path);
            ADD_FAILURE() << "was read";
        } catch (const ModelError& error) {
            const std::string message = error.what();
            EXPECT_EQ(error.code(), "model_damaged");
            EXPECT_LT(message.size(), 500u);
            EXPECT_NE(message.find(refusal.message), std::string::npos) << message.substr(0, 500);
            EXPECT_NE(message.find("bad.safetensors"), std::string::npos) << message.substr(0, 500);
        }
    }
}

// How long it takes is refusal_bench.cpp's affair: a second is more work on one machine than on another.
TEST(Safetensors, RefusesEveryMalformedFileWithBoundedWorkAnd16MiB) {
    if (!costs_are_counted()) GTEST_SKIP() << "a sanitizer takes memory of its own";
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "bad.safetensors";
    for (const Refusal& refusal : every_refusal()) {
        SCOPED_TRACE(refusal.why);
        write(path, refusal.bytes);
        const Cost cost = cost_of_refusing([&] { read_safetensors(path); });
        EXPECT_TRUE(cost.refused);
        EXPECT_LE(cost.resident_kib, 16 << 10);
        // What lies behind a header that is too long is not looked at.
        const std::size_t header = std::min<std::size_t>(refusal.bytes.size(), kMostHeaderBytes);
        EXPECT_LE(cost.allocations, 200 + header / 8);
        EXPECT_LE(cost.allocated_bytes, (std::size_t{64} << 10) + 32 * header);
    }
}

TEST(Safetensors, RefusesWhatIsNoFileWithoutWaiting) {
    const TemporaryFolder folder;
    const auto code_of = [](const fs::path& path) {
        try {
            read_safetensors(path);
        } catch (const ModelError& error) {
            return error.code();
        }
        return std::string("was read");
    };
    const fs::path pipe = folder.path() / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_EQ(code_of(pipe), "model_not_readable");
    EXPECT_EQ(code_of(folder.path()), "model_not_readable");
    EXPECT_EQ(code_of("/dev/zero"), "model_not_readable");
    EXPECT_EQ(code_of(folder.path() / "nowhere.safetensors"), "no_such_model");
}

TEST(Safetensors, ReadsWhatAnotherWriterWrote) {
    const TemporaryFolder folder;
    // As Python's json.dumps writes it; the f32 tensor begins at byte 3 of the data, so it lies unaligned in the file.
    const std::string header =
        R"({"b": {"dtype": "U8", "shape": [3], "data_offsets": [0, 3]}, "a": {"dtype": "F32", "shape": [1, 2], )"
        R"("data_offsets": [3, 11]}, "none": {"dtype": "I64", "shape": [0], "data_offsets": [3, 3]}, )"
        R"("__metadata__": {"format": "pt"}}   )";
    std::string data = "\1\2\3";
    const float values[] = {1.5f, -2};
    data.append(reinterpret_cast<const char*>(values), sizeof values);
    write(folder.path() / "x.safetensors", length_of(header.size()) + header + data);

    const Safetensors content = read_safetensors(folder.path() / "x.safetensors");
    EXPECT_EQ(content.metadata, (std::map<std::string, std::string>{{"format", "pt"}}));
    ASSERT_EQ(content.tensors.size(), 3u);
    EXPECT_EQ(content.tensors.at("b").ints(), (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_EQ(content.tensors.at("a").floats(), (std::vector<float>{1.5f, -2}));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(content.tensors.at("a").bytes().data()) % alignof(float), 0u);
    EXPECT_EQ(content.tensors.at("none").count(), 0);
}

TEST(Safetensors, ReadsAFileWithoutTensors) {
    const TemporaryFolder folder;
    write(folder.path() / "x.safetensors", with_header("{}"));
    EXPECT_TRUE(read_safetensors(folder.path() / "x.safetensors").tensors.empty());
}

TEST(Safetensors, GivesBackEveryTypeAsItWasWrittenAndAligned) {
    const TemporaryFolder folder;
    const std::vector<float> values = {1, -2.5f, 3};
    const HostTensor floats = HostTensor::from_floats(values, {3, 1});
    const std::vector<std::byte> bytes = {std::byte{7}};
    Safetensors content;
    content.metadata = {{"a \"quoted\" key", "two\nlines, ü"}};
    content.tensors = {{"byte", HostTensor::from_bytes(bytes)},
                       {"f32", floats},
                       {"f16", floats.cast(DType::f16)},
                       {"bf16", floats.cast(DType::bf16)},
                       {"i64", HostTensor::from_ints(std::vector<std::int64_t>{-1}, {})},
                       {"empty", HostTensor::from_floats({}, {2, 0})}};
    write_safetensors(folder.path() / "x.safetensors", content);
    const Safetensors back = read_safetensors(folder.path() / "x.safetensors");
    EXPECT_EQ(back.metadata, content.metadata);
    ASSERT_EQ(back.tensors.size(), content.tensors.size());
    for (const auto& [name, tensor] : content.tensors) {
        const HostTensor& read = back.tensors.at(name);
        EXPECT_EQ(read.type(), tensor.type()) << name;
        EXPECT_EQ(read.shape(), tensor.shape()) << name;
        EXPECT_EQ(read.floats(), tensor.floats()) << name;
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(read.bytes().data()) % bytes_of(read.type()), 0u) << name;
    }
}

TEST(Safetensors, KeepsATensorReadableAfterItsFileIsGone) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x.safetensors";
    write_safetensors(path, {{{"a", HostTensor::from_floats(std::vector<float>{4, 2}, {2})}}, {}});
    const HostTensor tensor = read_safetensors(path).tensors.at("a");
    fs::remove(path);
    EXPECT_EQ(tensor.floats(), (std::vector<float>{4, 2}));
}

TEST(Safetensors, WritesNothingThatItWouldNotRead) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x.safetensors";
    const HostTensor one = HostTensor::from_floats(std::vector<float>{1}, {1});
    EXPECT_THROW(write_safetensors(path, {{{"\xff", one}}, {}}), ModelError);
    EXPECT_THROW(write_safetensors(path, {{}, {{"a", std::string(2u << 20, 'x')}}}), ModelError);
    EXPECT_THROW(write_safetensors(path, {{{"__metadata__", one}}, {}}), Bug);
    EXPECT_THROW(write_safetensors(folder.path() / "no_such_folder" / "x.safetensors", {{{"a", one}}, {}}),
                 ResourceError);
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace affectsr
