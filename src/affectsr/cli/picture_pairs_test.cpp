#include "affectsr/cli/picture_pairs.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"

namespace affectsr::cli {
namespace {

/// "a.jpg=a_out.png" for a pair, "a.jpg!no_partner" for a picture alone, paths without their folder.
std::vector<std::string> told(const TemporaryFolder& folder, const std::vector<PicturePair>& pairs) {
    const auto relative = [&](const std::filesystem::path& path, const char* side) {
        return path.empty() ? "" : path.lexically_relative(folder / side).native();
    };
    std::vector<std::string> lines;
    for (const PicturePair& pair : pairs) {
        const std::string before = relative(pair.before, "before"), after = relative(pair.after, "after");
        lines.push_back(pair.error_code.empty() ? before + "=" + after : before + after + "!" + pair.error_code);
    }
    return lines;
}

std::vector<std::string> matched(const std::vector<std::string>& before, const std::vector<std::string>& after) {
    const TemporaryFolder folder;
    for (const std::string& name : before) folder.fill("before/" + name, "");
    for (const std::string& name : after) folder.fill("after/" + name, "");
    return told(folder, pictures_of(folder / "before", folder / "after"));
}

using Lines = std::vector<std::string>;

TEST(PicturePairs, KnowsWhatToolsPutBehindAName) {
    for (const char* name : {"party_out", "party_restored", "party_00", "party_x4", "party_4x", "party-2x", "party(8x)",
                             "party_X4_OUT", "party_upscayl_4x_realesrgan-x4plus", "party_SwinIR", "party_sr"})
        EXPECT_EQ(without_suffixes(name), "party") << name;
    for (const char* name : {"party", "party_01", "boxx4", "party_4", "2x", "_out", "matrix_2", "_upscayl"})
        EXPECT_EQ(without_suffixes(name), name) << name;
    EXPECT_EQ(without_suffixes("Party_2024_OUT"), "Party_2024") << "its letters stay as they are";
}

TEST(PicturePairs, FoldersAreMatchedByNameWhateverTheFormat) {
    EXPECT_EQ(matched({"a.jpg", "sub/a.jpg", "b.png"}, {"b.webp", "sub/a_out.png", "a.png"}),
              (Lines{"a.jpg=a.png", "b.png=b.webp", "sub/a.jpg=sub/a_out.png"}));
}

TEST(PicturePairs, TheExactNameGoesBeforeOneWithASuffix) {
    EXPECT_EQ(matched({"a.jpg", "a_out.jpg"}, {"a_out.png"}), (Lines{"a.jpg!no_partner", "a_out.jpg=a_out.png"}));
    EXPECT_EQ(matched({"a.jpg"}, {"a.png", "a_out.png"}), (Lines{"a.jpg=a.png", "a_out.png!no_partner"}));
}

TEST(PicturePairs, WhoHasNoPartnerIsTold) {
    EXPECT_EQ(matched({"a.jpg", "b.jpg"}, {"a.png", "c.png"}),
              (Lines{"a.jpg=a.png", "b.jpg!no_partner", "c.png!no_partner"}));
    EXPECT_EQ(matched({"a.jpg"}, {"notes.txt"}), (Lines{"a.jpg!no_partner", ".!empty_folder"}));
}

TEST(PicturePairs, NamesThatTwoWouldTakeAreNotGuessed) {
    EXPECT_EQ(matched({"a.jpg"}, {"a_out.png", "a_x4.png"}),
              (Lines{"a.jpg!ambiguous_name", "a_out.png!no_partner", "a_x4.png!no_partner"}));
    EXPECT_EQ(matched({"a.jpg", "a.png"}, {"a.png", "a.jpg"}), (Lines{"a.jpg=a.jpg", "a.png=a.png"}));
    EXPECT_EQ(matched({"a.jpg", "a.png"}, {"a.webp"}),
              (Lines{"a.jpg!ambiguous_name", "a.png!ambiguous_name", "a.webp!no_partner"}));
}

TEST(PicturePairs, AListSaysWhatBelongsTogether) {
    const TemporaryFolder folder;
    folder.fill("before/a.jpg", "");
    folder.fill("after/z.png", "");
    folder.fill("list.csv", "after,before\nz.png,a.jpg\n,b.jpg\n");
    EXPECT_EQ(told(folder, listed_pairs(folder / "list.csv", folder / "before", folder / "after")),
              (Lines{"a.jpg=z.png", "b.jpg!no_partner"}));
    folder.fill("wrong.csv", "one,two\n");
    EXPECT_THROW(listed_pairs(folder / "wrong.csv", folder / "before", folder / "after"), InputError);
    EXPECT_THROW(listed_pairs(folder / "list.csv", folder / "before/a.jpg", folder / "after"), UsageError);
}

TEST(PicturePairs, TwoPicturesAreAPairWhateverTheirNames) {
    const TemporaryFolder folder;
    const auto a = folder.fill("a.jpg", ""), b = folder.fill("b.png", "");
    const auto pairs = pictures_of(a, b);
    ASSERT_EQ(pairs.size(), 1U);
    EXPECT_EQ(pairs[0].before, a);
    EXPECT_EQ(pairs[0].after, b);
    EXPECT_THROW(pictures_of(a, a), UsageError);
    EXPECT_THROW(pictures_of(a, folder.path()), UsageError);
    EXPECT_THROW(pictures_of(a, folder / "gone.png"), UsageError);
}

}  // namespace
}  // namespace affectsr::cli
