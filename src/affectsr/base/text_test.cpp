#include "affectsr/base/text.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace affectsr {
namespace {

TEST(Text, MakesAsciiLettersSmallAndLeavesEveryOtherByte) {
    EXPECT_EQ(lower_case("IMG_01.JPEG"), "img_01.jpeg");
    EXPECT_EQ(lower_case("@AZ[`az{"), "@az[`az{") << "the neighbours of the letters";
    EXPECT_EQ(lower_case("\xC3\x84RGER"), "\xC3\x84rger") << "bytes of UTF-8 stay";
    EXPECT_EQ(lower_case(std::string_view("A\0B", 3)), std::string("a\0b", 3));
    EXPECT_EQ(lower_case(""), "");
}

TEST(Text, ACommandIsQuotedAsAShellNeedsIt) {
    const std::array<std::string, 5> words{"affectsr", "--data", "my faces", "it's", ""};
    EXPECT_EQ(quoted_command(words), "affectsr --data 'my faces' 'it'\\''s' ''");
}

}  // namespace
}  // namespace affectsr
