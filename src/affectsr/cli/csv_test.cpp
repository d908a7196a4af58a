#include "affectsr/cli/csv.h"

#include <gtest/gtest.h>

namespace affectsr::cli {
namespace {

TEST(Csv, QuotesWhatMustBeQuoted) {
    EXPECT_EQ(csv_cell(nullptr, false), "");
    EXPECT_EQ(csv_cell(-1.5, true), "-1.5");
    EXPECT_EQ(csv_cell("plain", false), "plain");
    EXPECT_EQ(csv_cell("a, \"b\"", false), "\"a, \"\"b\"\"\"");
    EXPECT_EQ(csv_cell("two\nlines", false), "\"two\nlines\"");
}

TEST(Csv, FormulasGetAnApostropheWhereAsked) {
    EXPECT_EQ(csv_cell("=1+1", false), "=1+1");
    EXPECT_EQ(csv_cell("=1+1", true), "'=1+1");
    EXPECT_EQ(csv_cell("'=1+1", true), "''=1+1");
}

TEST(Csv, EveryTextOfAValueIsMadeSafe) {
    const Json value{{"name", "@x"}, {"parts", {"-y", "z", -1}}, {"none", nullptr}};
    EXPECT_EQ(safe_in_spreadsheets(value), (Json{{"name", "'@x"}, {"parts", {"'-y", "z", -1}}, {"none", nullptr}}));
}

}  // namespace
}  // namespace affectsr::cli
