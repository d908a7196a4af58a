#include "affectsr/train/contact_sheet.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

SheetColumn column(std::uint8_t level) {
    Image small(2, 2, level);
    small.pixel(1, 0)[0] = 255;
    return {small, {Image(8, 8, 40), Image(8, 8, 60), Image(8, 8, 80)}};
}

TEST(ContactSheet, HasAColumnForEachFaceAndARowForEachPicture) {
    const Image sheet = sheet_of(std::vector{column(20), column(30)});
    ASSERT_EQ(sheet.size(), (ImageSize{8 + 4 + 8, 4 * 8 + 3 * 4}));
    EXPECT_EQ(sheet.pixel(0, 0)[0], 20);
    EXPECT_EQ(sheet.pixel(12, 0)[0], 30);
    for (int row = 1; row < 4; ++row) EXPECT_EQ(sheet.pixel(19, row * 12 + 7)[1], 20 + 20 * row);
    EXPECT_EQ(sheet.pixel(9, 3)[0], 0) << "between the columns";
    EXPECT_EQ(sheet.pixel(3, 9)[0], 0) << "between the rows";
}

TEST(ContactSheet, ShowsASmallFaceByItsPixels) {
    const Image sheet = sheet_of(std::vector{column(20)});
    for (int x = 0; x < 8; ++x) EXPECT_EQ(sheet.pixel(x, 3)[0], x < 4 ? 20 : 255) << x;
}

TEST(ContactSheet, WantsColumnsThatAreAlike) {
    SheetColumn other = column(30);
    other.larger.pop_back();
    EXPECT_THROW(sheet_of(std::vector{column(20), other}), Bug);
    EXPECT_THROW(sheet_of({}), Bug);
}

}  // namespace
}  // namespace affectsr
