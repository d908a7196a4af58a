#include "affectsr/data/text_list.h"

#include <gtest/gtest.h>

#include "affectsr/base/test_folder.h"

namespace affectsr {
namespace {

TEST(TextList, LinesAreNumberedAndBlankOnesLeftOut) {
    for (const char* text : {"\xEF\xBB\xBF a 1\n\nb 2\n", "a 1 \r\n\r\nb 2", "a 1\r\rb 2\r"}) {
        const auto lines = lines_of(text);
        ASSERT_EQ(lines.size(), 2u) << text;
        EXPECT_EQ(lines[0].text, "a 1");
        EXPECT_EQ(lines[1].text, "b 2");
        EXPECT_EQ(lines[1].number, 3);
    }
}

TEST(TextList, WordsAreSeparatedByBlanksTabsOrCommas) {
    EXPECT_EQ(words_of("a \t b,c  "), (std::vector<std::string_view>{"a", "b", "c"}));
    EXPECT_TRUE(words_of(" ").empty());
}

TEST(TextList, NumbersFillTheirTextOrAreNone) {
    EXPECT_EQ(whole_number("-12"), -12);
    EXPECT_EQ(whole_number("+3"), 3);
    for (const char* text : {"", "+", "1.5", "1 ", "x", "99999999999999999999", "+-1"}) {
        EXPECT_EQ(whole_number(text), std::nullopt) << text;
    }
    EXPECT_EQ(decimal_number("3.0000000e+00"), 3.0);
    for (const char* text : {"", "nan", "inf", "1e999", "1,5"}) EXPECT_EQ(decimal_number(text), std::nullopt) << text;
}

TEST(TextList, AMissingListIsNamed) {
    const TestFolder folder;
    const auto path = folder.path() / "list.txt";
    const std::string what = refusal([&] { read_list(path); });
    EXPECT_TRUE(what.starts_with("dataset_unreadable")) << what;
    EXPECT_NE(what.find(path.string()), std::string::npos) << what;
}

TEST(TextList, TheHashIsThatOfTheBytes) {
    const TestFolder folder;
    folder.write("list.txt", "abc");
    // FIPS 180-4, example B.1.
    EXPECT_EQ(read_list(folder.path() / "list.txt").sha256(),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(TextList, AListInUtf16IsRefusedByName) {
    const TestFolder folder;
    const auto refused = [&](std::string_view text) {
        folder.write("list.txt", text);
        return refusal([&] { read_list(folder.path() / "list.txt"); });
    };
    EXPECT_NE(refused({"\xFF\xFE"
                       "a\0",
                       4})
                  .find("list.txt: is UTF-16; save it as UTF-8"),
              std::string::npos);
    EXPECT_NE(refused({"\xFE\xFF\0a", 4}).find("list.txt: is UTF-16"), std::string::npos);
    EXPECT_NE(refused({"x\na\0", 4}).find("list.txt: line 2 holds a NUL byte"), std::string::npos);
    EXPECT_EQ(refused("\xEF\xBB\xBF"
                      "a"),
              "");
}

}  // namespace
}  // namespace affectsr
