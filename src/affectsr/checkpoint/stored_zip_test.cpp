#include "affectsr/checkpoint/stored_zip.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/checkpoint/test_checkpoints.h"

namespace affectsr {
namespace {

using namespace test_checkpoints;

StoredZip open(const std::string& bytes) {
    return StoredZip(std::as_bytes(std::span(bytes)), "x.pth");
}

std::string refusal(const std::string& bytes) {
    try {
        const StoredZip archive = open(bytes);
        for (const StoredZip::Entry& entry : archive.entries()) archive.verified(entry);
    } catch (const ModelError& error) {
        return error.code() + ": " + error.what();
    }
    return "";
}

std::string content(const std::string& archive, const StoredZip::Entry& entry) {
    return archive.substr(entry.begin, entry.size);
}

TEST(StoredZip, FindsItsEntriesByName) {
    for (const bool zip64 : {false, true}) {
        const std::string bytes = zip({{"b/data.pkl", "pickle"}, {"b/data/10", "ten"}, {"b/empty", ""}}, zip64);
        const StoredZip archive = open(bytes);
        ASSERT_EQ(archive.entries().size(), 3u);
        EXPECT_EQ(content(bytes, *archive.find("b/data.pkl")), "pickle");
        EXPECT_EQ(content(bytes, *archive.find("b/data/10")), "ten");
        EXPECT_EQ(content(bytes, *archive.find("b/empty")), "");
        EXPECT_EQ(archive.find("b/data"), nullptr);
    }
}

TEST(StoredZip, KnowsTheCheckValueOfItsCrc) {
    const std::string nine = "123456789";
    EXPECT_EQ(crc_32(std::as_bytes(std::span(nine))), 0xCBF43926u);  // the catalogue of CRCs: CRC-32/ISO-HDLC
    EXPECT_NE(refusal(zip({{"a", "x", ~0ull, 0, 0, "", 0, true}})).find("does not have its CRC-32"), std::string::npos);
}

TEST(StoredZip, ReadsAnEntryWhoseSizesFollowIt) {
    // As PyTorch writes: flag 8, the local header holds no size.
    std::string bytes = zip({{"a", "xyz", ~0ull, 0, 8}});
    bytes.replace(14, 12, 12, '\0');
    EXPECT_EQ(refusal(bytes), "");
    EXPECT_EQ(content(bytes, *open(bytes).find("a")), "xyz");
}

TEST(StoredZip, ReadsAnArchiveWithAComment) {
    std::string bytes = zip({{"a", "xyz"}});
    bytes.replace(bytes.size() - 2, 2, little(5, 2) + "hello");
    EXPECT_EQ(refusal(bytes), "");
}

struct LyingArchive {
    std::string why, bytes, message;
};

std::vector<LyingArchive> lies() {
    const std::uint64_t ten_gib = 10ull << 30;
    const std::string good = zip({{"a", "xyz"}}), good64 = zip({{"a", "xyz"}}, true);
    const auto with = [](std::string bytes, std::size_t from_end, const std::string& told) {
        return bytes.replace(bytes.size() - from_end, told.size(), told);
    };
    return {
        {"10 GiB in the directory", zip({{"a", "xyz", ten_gib}}, true), "claims 10737418240 bytes"},
        {"4 GiB in the directory", zip({{"a", "xyz", 0xFFFFFFFE}}), "claims 4294967294 bytes"},
        {"a size that wraps", zip({{"a", "xyz", ~0ull - 1}}, true), "more than the file has"},
        {"a place behind the file", zip({{"a", "xyz", ~0ull, 0, 0, "", 1ll << 40}}, true), "not where the directory"},
        {"a place that is no header", zip({{"a", "xyz", ~0ull, 0, 0, "", 1}}), "not where the directory says"},
        {"another local name", zip({{"a", "xyz", ~0ull, 0, 0, "b"}}), "another name in its own header"},
        {"a name that climbs", zip({{"../a", "xyz"}}), "leads out of its folder"},
        {"a name that climbs later", zip({{"a/../../b", "xyz"}}), "leads out of its folder"},
        {"an absolute name", zip({{"/etc/passwd", "xyz"}}), "an entry is called \"/etc/passwd\""},
        {"a drive", zip({{"C:a", "xyz"}}), "an entry is called \"C:a\""},
        {"a backslash", zip({{"..\\a", "xyz"}}), "an entry is called"},
        {"a zero in the name", zip({{std::string("a\0b", 3), "xyz"}}), "an entry is called"},
        {"no name", zip({{"", "xyz"}}), "an entry is called \"\""},
        {"a name twice", zip({{"a", "xyz"}, {"a", "uvw"}}), "is there twice"},
        {"one entry inside another", zip({{"a", zip({{"b", "x"}}).substr(0, 32)}, {"b", "x", ~0ull, 0, 0, "", -32}}),
         "overlaps"},
        {"nothing but the end", good.substr(good.size() - 22), "does not lie before its end"},
        {"no end", good.substr(0, good.size() - 22), "its end is missing"},
        {"half", good.substr(0, good.size() / 2), "its end is missing"},
        {"a byte after the end", good + "x", "1 bytes follow its end"},
        {"a page after the end", good + std::string(4096, '\0'), "4096 bytes follow its end"},
        {"much after the end", good64 + std::string(200000, 'x'), "200000 bytes follow its end"},
        {"bytes after the comment", with(good, 2, little(3, 2)) + "abcdef", "3 bytes follow its end"},
        {"half a comment", with(good, 2, little(9, 2)) + "abcdef", "its comment of 9 bytes is cut off"},
        {"compressed in one header only", std::string(good).replace(8, 2, little(8, 2)),
         "compressed in its own header"},
        {"more entries than are there", with(good, 14, little(2, 2) + little(2, 2)), "directory is cut off"},
        {"fewer entries than are there", with(good, 14, little(0, 2) + little(0, 2)), "more bytes than entries"},
        {"a directory elsewhere", with(good, 6, little(3, 4)), "does not lie before its end"},
        {"a zip64 record elsewhere", with(good64, 22 + 12, little(~0ull, 8)), "zip64 record is out of the file"},
        {"a zip64 record that is none", with(good64, 22 + 12, little(3, 8)), "zip64 record is missing"},
        {"2^63 entries", with(good64, 22 + 20 + 32, little(1ull << 63, 8) + little(1ull << 63, 8)), "the limit is"},
        {"a zip64 directory elsewhere", with(good64, 22 + 20 + 8, little(1ull << 60, 8)), "does not lie before"},
        {"ends that differ", with(good64, 10, little(7, 4)), "contradict each other"},
    };
}

TEST(StoredZip, RefusesEveryLie) {
    for (const LyingArchive& lie : lies()) {
        const std::string said = refusal(lie.bytes);
        EXPECT_TRUE(said.starts_with("model_damaged: x.pth: ")) << lie.why << ": " << said;
        EXPECT_NE(said.find(lie.message), std::string::npos) << lie.why << ": " << said;
    }
}

TEST(StoredZip, RefusesWhatItDoesNotUnpack) {
    const std::string parts = zip({{"a", "xyz"}});
    for (const LyingArchive& one : std::vector<LyingArchive>{
             {"compressed", zip({{"a", "xyz", ~0ull, 8}}), "is compressed"},
             {"encrypted", zip({{"a", "xyz", ~0ull, 0, 1}}), "is encrypted"},
             {"in parts", std::string(parts).replace(parts.size() - 18, 2, little(1, 2)), "one of several parts"},
         }) {
        const std::string said = refusal(one.bytes);
        EXPECT_TRUE(said.starts_with("unknown_checkpoint: x.pth: ")) << one.why << ": " << said;
        EXPECT_NE(said.find(one.message), std::string::npos) << one.why << ": " << said;
    }
}

TEST(StoredZip, SurvivesEveryTruncation) {
    const std::string good = zip({{"a/data.pkl", "xyz"}, {"a/data/0", "0123"}}, true);
    ASSERT_EQ(refusal(good), "");
    for (std::size_t length = 0; length < good.size(); ++length)
        EXPECT_NE(refusal(good.substr(0, length)), "") << length;
}

}  // namespace
}  // namespace affectsr
