#include "affectsr/base/sha256.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace affectsr {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text));
}

// Source: FIPS 180-4's examples (NIST, "SHA256.pdf" and "SHA2_Additional.pdf").
TEST(Sha256, HashesAsTheStandardSays) {
    EXPECT_EQ(sha256_hex(bytes_of("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha256_hex(bytes_of("\xBD")), "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b");
    const std::vector<std::pair<std::size_t, const char*>> zeros = {
        {55, "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7"},
        {56, "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb"},
        {57, "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785"},
        {64, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"},
        {1000, "541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53"},
        {1000000, "d29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025"}};
    for (const auto& [count, hash] : zeros) EXPECT_EQ(sha256_hex(bytes_of(std::string(count, '\0'))), hash) << count;
    EXPECT_EQ(sha256_hex(bytes_of(std::string(1000000, 'a'))),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesMakeTheSameHashAsTheWhole) {
    std::string text;
    for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
    const std::string whole = sha256_hex(bytes_of(text));
    for (std::size_t step : {1u, 3u, 63u, 64u, 65u, 128u, 299u}) {
        Sha256 hash, plain(true);
        for (std::size_t at = 0; at < text.size(); at += step) {
            const auto piece = bytes_of(text).subspan(at, std::min(step, text.size() - at));
            hash.add(piece);
            plain.add(piece);
        }
        EXPECT_EQ(hash.hex(), whole) << step;
        EXPECT_EQ(plain.hex(), whole) << step << ", without the processor's own instructions";
    }
}

}  // namespace
}  // namespace affectsr
