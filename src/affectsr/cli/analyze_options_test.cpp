#include "affectsr/cli/analyze_options.h"

#include <gtest/gtest.h>

namespace affectsr::cli {
namespace {

AnalyzeOptions with(const std::string& json) {
    return affectsr::from_json<AnalyzeOptions>(Json::parse(json));
}

TEST(AnalyzeOptions, WithoutAFormatATerminalGetsTextAndAPipeJsonLines) {
    EXPECT_EQ(row_format(with("{}"), true), RowFormat::text);
    EXPECT_EQ(row_format(with("{}"), false), RowFormat::jsonl);
}

TEST(AnalyzeOptions, WithoutAFormatTheEndingOfTheOutputDecides) {
    EXPECT_EQ(row_format(with(R"({"output":"a.csv"})"), true), RowFormat::csv);
    EXPECT_EQ(row_format(with(R"({"output":"a.json"})"), true), RowFormat::json);
    EXPECT_EQ(row_format(with(R"({"output":"a.txt"})"), true), RowFormat::text);
    EXPECT_EQ(row_format(with(R"({"output":"faces"})"), true), RowFormat::jsonl);
}

TEST(AnalyzeOptions, AGivenFormatWins) {
    EXPECT_EQ(row_format(with(R"({"output":"a.csv","format":"json"})"), true), RowFormat::json);
}

TEST(AnalyzeOptions, ResumeNeedsAFileOfJsonLines) {
    EXPECT_EQ(row_format(with(R"({"output":"a.jsonl","resume":true})"), true), RowFormat::jsonl);
    EXPECT_THROW(row_format(with(R"({"resume":true})"), false), UsageError);
    EXPECT_THROW(row_format(with(R"({"output":"a.csv","resume":true})"), true), UsageError);
    EXPECT_THROW(row_format(with(R"({"output":"a.jsonl","resume":true,"overwrite":true})"), true), UsageError);
}

TEST(AnalyzeOptions, SafeCsvNeedsCsv) {
    EXPECT_EQ(row_format(with(R"({"output":"a.csv","csv_safe":true})"), true), RowFormat::csv);
    EXPECT_THROW(row_format(with(R"({"output":"a.jsonl","csv_safe":true})"), true), UsageError);
}

}  // namespace
}  // namespace affectsr::cli
