#include "affectsr/data/csv.h"

#include <gtest/gtest.h>

#include "affectsr/base/test_folder.h"

namespace affectsr {
namespace {

using Cells = std::vector<std::string>;

std::vector<CsvRow> rows_of(std::string_view text) {
    CsvReader reader(text, "list.csv");
    std::vector<CsvRow> rows;
    for (CsvRow row; reader.next(row);) rows.push_back(row);
    return rows;
}

TEST(Csv, SplitsRowsAtEveryKindOfLineEnd) {
    for (const char* text : {"a,b\nc,d\n", "a,b\r\nc,d\r\n", "a,b\rc,d\r", "a,b\nc,d"}) {
        const auto rows = rows_of(text);
        ASSERT_EQ(rows.size(), 2u) << text;
        EXPECT_EQ(rows[0].cells, (Cells{"a", "b"}));
        EXPECT_EQ(rows[1].cells, (Cells{"c", "d"}));
        EXPECT_EQ(rows[1].line, 2);
    }
}

TEST(Csv, DropsTheByteOrderMark) {
    EXPECT_EQ(rows_of("\xEF\xBB\xBFpath\n").at(0).cells, (Cells{"path"}));
}

TEST(Csv, AQuotedCellHoldsCommasQuotesAndLineEnds) {
    const auto rows = rows_of("\"a, b\",\"say \"\"no\"\"\",\"two\r\nlines\",\"\"\nnext,row,is,4\n");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].cells, (Cells{"a, b", "say \"no\"", "two\r\nlines", ""}));
    EXPECT_EQ(rows[1].line, 3) << "a line end inside quotes counts as a line of the file";
}

TEST(Csv, KeepsEmptyCellsAndSkipsBlankLines) {
    const auto rows = rows_of("\n,\n  \n,a,\n\n");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].cells, (Cells{"", ""}));
    EXPECT_EQ(rows[1].cells, (Cells{"", "a", ""}));
    EXPECT_EQ(rows[1].line, 4);
}

TEST(Csv, AnEmptyTextHasNoRows) {
    EXPECT_TRUE(rows_of("").empty());
    EXPECT_TRUE(rows_of("\xEF\xBB\xBF\r\n\r\n").empty());
}

TEST(Csv, AQuoteThatNeverClosesIsRefusedWithTheLineWhereItOpens) {
    EXPECT_EQ(refusal([] { rows_of("a,b\nc,\"d\ne,f\n"); }),
              "dataset_unreadable: list.csv: line 2 opens a quote that never closes");
}

TEST(Csv, AQuoteInsideACellIsRefused) {
    EXPECT_NE(refusal([] { rows_of("a\nb\"c\n"); }).find("line 2 has a quote inside a cell"), std::string::npos);
}

TEST(Csv, TextAfterAClosingQuoteIsRefused) {
    EXPECT_NE(refusal([] { rows_of("\"a\"b\n"); }).find("line 1 has text after a closing quote"), std::string::npos);
}

TEST(Csv, ANulByteIsRefusedInsideAndOutsideQuotes) {
    EXPECT_NE(refusal([] { rows_of({"a\0b", 3}); }).find("line 1 holds a NUL byte"), std::string::npos);
    EXPECT_NE(refusal([] { rows_of({"\"a\0b\"", 5}); }).find("line 1 holds a NUL byte"), std::string::npos);
}

TEST(Csv, ARowOverOneMebibyteIsRefusedAndOneBelowIsRead) {
    const std::string half(CsvReader::kMostRowBytes / 2 - 2, 'x');
    EXPECT_EQ(rows_of(half + "," + half + "\n").at(0).cells.size(), 2u);
    const std::string over(CsvReader::kMostRowBytes + 1, 'x');
    EXPECT_NE(refusal([&] { rows_of("a\n" + over); }).find("line 2 is longer than 1 MiB"), std::string::npos);
    EXPECT_NE(refusal([&] { rows_of("\"" + over); }).find("not closed within 1 MiB"), std::string::npos);
    const std::string commas(CsvReader::kMostRowBytes + 1, ',');
    EXPECT_NE(refusal([&] { rows_of(commas); }).find("longer than 1 MiB"), std::string::npos);
}

TEST(Csv, ColumnsAreFoundByTrimmedNameInAnyCase) {
    const CsvHeader header(rows_of(" emotion, Usage,pixels \n").at(0), "list.csv");
    EXPECT_EQ(header.require("usage"), 1u);
    EXPECT_EQ(header.require("pixels"), 2u);
    EXPECT_EQ(header.find("path"), std::nullopt);
}

TEST(Csv, AMissingColumnIsNamedWithThoseThatAreThere) {
    const CsvHeader header(rows_of("a,b\n").at(0), "list.csv");
    EXPECT_EQ(refusal([&] { header.require("path"); }),
              "dataset_unreadable: list.csv: the first line names no column \"path\"; it has: a, b");
}

TEST(Csv, TwoColumnsOfOneNameAreRefused) {
    EXPECT_NE(refusal([] { CsvHeader(rows_of("Path, path\n").at(0), "list.csv"); }).find("two columns"),
              std::string::npos);
}

TEST(Csv, ACellIsTrimmedAndAMissingOneIsEmpty) {
    const CsvRow row = rows_of(" a b ,c\n").at(0);
    EXPECT_EQ(cell_of(row, 0), "a b");
    EXPECT_EQ(cell_of(row, 2), "");
    EXPECT_EQ(cell_of(row, std::nullopt), "");
}

}  // namespace
}  // namespace affectsr
