#include "affectsr/cli/input_list.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"

namespace affectsr::cli {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using namespace std::string_literals;

/// What the refusal of a list says; empty if it is taken.
std::string complaint(const std::string& bytes, bool null_separated) {
    try {
        words_of_list(bytes, null_separated, "LIST");
        return "";
    } catch (const UsageError& error) {
        EXPECT_EQ(error.code(), "list_unreadable");
        return error.what();
    }
}

TEST(InputList, AListHasOneNamePerLine) {
    const TemporaryFolder folder;
    const fs::path list = folder.fill("list", "a b.jpg\r\n\nc.jpg\nlast.jpg");
    EXPECT_EQ(read_list_of_inputs(list, false), (Names{"a b.jpg", "c.jpg", "last.jpg"}));
}

TEST(InputList, AListMayBeSeparatedByNull) {
    const TemporaryFolder folder;
    const fs::path list = folder.fill("list", "a\nb.jpg\0c.jpg\0"s);
    EXPECT_EQ(read_list_of_inputs(list, true), (Names{"a\nb.jpg", "c.jpg"}));
    EXPECT_EQ(words_of_list("one.jpg", true, ""), Names{"one.jpg"});
    EXPECT_EQ(words_of_list("", true, ""), Names{});
}

TEST(InputList, AByteOrderMarkIsNoPartOfTheFirstName) {
    EXPECT_EQ(words_of_list("\xEF\xBB\xBF"s + "a.jpg\r\nb.jpg\r\n", false, ""), (Names{"a.jpg", "b.jpg"}));
    EXPECT_EQ(words_of_list("\xEF\xBB\xBF", false, ""), Names{});
}

TEST(InputList, TheWrongSeparatorIsToldWithItsCure) {
    EXPECT_NE(complaint("a.jpg\0b.jpg\0"s, false).find("--null (-0)"), std::string::npos);
    EXPECT_NE(complaint("a\0b\0"s, false).find("--null (-0)"), std::string::npos);
    EXPECT_NE(complaint("a.jpg\nb.jpg\n", true).find("leave out --null"), std::string::npos);
}

TEST(InputList, Utf16IsToldByItsName) {
    EXPECT_NE(complaint("\xFF\xFE"s + "a\0.\0j\0p\0g\0\n\0"s, false).find("UTF-16"), std::string::npos);
    EXPECT_NE(complaint("\xFE\xFF"s + "\0a\0.\0j\0p\0g\0\n"s, false).find("UTF-16"), std::string::npos);
    EXPECT_NE(complaint("a\0.\0j\0p\0g\0\n\0"s, false).find("UTF-16"), std::string::npos);
}

TEST(InputList, AListThatCannotBeReadIsAUsageError) {
    const TemporaryFolder folder;
    EXPECT_THROW(read_list_of_inputs(folder / "gone", false), UsageError);
    EXPECT_THROW(read_list_of_inputs(folder.path(), false), UsageError);
}

}  // namespace
}  // namespace affectsr::cli
