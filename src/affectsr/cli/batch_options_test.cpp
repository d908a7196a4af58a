#include "affectsr/cli/batch_options.h"

#include <gtest/gtest.h>

namespace affectsr::cli {
namespace {

BatchOptions with(const std::string& json) {
    return affectsr::from_json<BatchOptions>(Json::parse(json));
}

TEST(BatchOptions, WithoutAFormatATerminalGetsTextAndAPipeJsonLines) {
    EXPECT_EQ(row_format(with("{}"), true), RowFormat::text);
    EXPECT_EQ(row_format(with("{}"), false), RowFormat::jsonl);
}

TEST(BatchOptions, WithoutAFormatTheEndingOfTheOutputDecides) {
    EXPECT_EQ(row_format(with(R"({"output":"a.csv"})"), true), RowFormat::csv);
    EXPECT_EQ(row_format(with(R"({"output":"a.json"})"), true), RowFormat::json);
    EXPECT_EQ(row_format(with(R"({"output":"a.txt"})"), true), RowFormat::text);
    EXPECT_EQ(row_format(with(R"({"output":"faces"})"), true), RowFormat::jsonl);
}

TEST(BatchOptions, AGivenFormatWins) {
    EXPECT_EQ(row_format(with(R"({"output":"a.csv","format":"json"})"), true), RowFormat::json);
}

TEST(BatchOptions, ResumeNeedsAFileOfJsonLines) {
    EXPECT_EQ(row_format(with(R"({"output":"a.jsonl","resume":true})"), true), RowFormat::jsonl);
    EXPECT_THROW(row_format(with(R"({"resume":true})"), false), UsageError);
    EXPECT_THROW(row_format(with(R"({"output":"a.csv","resume":true})"), true), UsageError);
    EXPECT_THROW(row_format(with(R"({"output":"a.jsonl","resume":true,"overwrite":true})"), true), UsageError);
}

TEST(BatchOptions, SafeCsvNeedsCsv) {
    EXPECT_EQ(row_format(with(R"({"output":"a.csv","csv_safe":true})"), true), RowFormat::csv);
    EXPECT_THROW(row_format(with(R"({"output":"a.jsonl","csv_safe":true})"), true), UsageError);
}

}  // namespace
}  // namespace affectsr::cli
