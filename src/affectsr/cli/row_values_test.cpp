#include "affectsr/cli/row_values.h"

#include <gtest/gtest.h>

#include <limits>

namespace affectsr::cli {
namespace {

TEST(RowValues, NumbersThatAreNoneAndEmptyTextsAreNull) {
    EXPECT_EQ(rounded(1.23456, 100), 1.23);
    EXPECT_TRUE(rounded(std::numeric_limits<double>::quiet_NaN(), 100).is_null());
    EXPECT_TRUE(rounded(std::numeric_limits<double>::infinity(), 100).is_null());
    EXPECT_TRUE(text_or_null("").is_null());
    EXPECT_EQ(text_or_null("a\xff"), "a\xef\xbf\xbd");
}

TEST(RowValues, RowsOfAListArePartedAndLinesEnd) {
    const Json row{{"a", 1}};
    EXPECT_EQ(json_row(RowFormat::json, row, true), "\n{\"a\":1}");
    EXPECT_EQ(json_row(RowFormat::json, row, false), ",\n{\"a\":1}");
    EXPECT_EQ(json_row(RowFormat::jsonl, row, false), "{\"a\":1}\n");
}

}  // namespace
}  // namespace affectsr::cli
