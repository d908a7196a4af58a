#include "affectsr/experiment/report.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace affectsr {
namespace {

Report small_report() {
    Report report;
    report.title = "Sizes";
    report.made_by.command = "affectsr evaluate sizes";
    report.made_by.seed = 7;
    report.made_by.options = {{"threads", 2}};
    report.rows = {{{"size", 48}, {"accuracy", 0.87654}, {"by_class", {{"fear", {{"recall", nullptr}}}}}},
                   {{"size", 8}, {"accuracy", 0.5}, {"by_class", {{"fear", {{"recall", 0.25}}}}}}};
    report.tables = {{"", {{"size", "size", -1}, {"accuracy", "accuracy", 3}}},
                     {"Recall", {{"size", "size", -1}, {"by_class.fear.recall", "fear", 2}}}};
    report.matrices = {{"At 48 px", {"fear", "none"}, {"fear"}, {{3, 1}}}};
    report.notes = {"accuracy is over all faces"};
    report.facts = {{"labels", {"fear"}}};
    return report;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(Report, JsonHasProvenanceFactsAndRows) {
    const Json json = small_report().json();
    EXPECT_EQ(json["provenance"]["command"], "affectsr evaluate sizes");
    EXPECT_EQ(json["provenance"]["seed"], 7);
    EXPECT_EQ(json["provenance"]["options"]["threads"], 2);
    EXPECT_EQ(json["labels"][0], "fear");
    EXPECT_EQ(json["interrupted"], false);
    EXPECT_EQ(json["rows"][1]["accuracy"], 0.5);
    EXPECT_EQ(json.begin().key(), "provenance");
}

TEST(Report, MarkdownShowsEveryTableWithItsDigits) {
    const std::string text = small_report().markdown();
    EXPECT_TRUE(contains(text, "# Sizes\n\n- accuracy is over all faces\n"));
    EXPECT_TRUE(contains(text, "| size | accuracy |\n| ---: | ---: |\n| 48 | 0.877 |\n| 8 | 0.500 |\n")) << text;
    EXPECT_TRUE(contains(text, "## Recall\n\n| size | fear |\n| ---: | ---: |\n| 48 | – |\n| 8 | 0.25 |\n")) << text;
    EXPECT_TRUE(contains(text, "### At 48 px\n\n|  | fear | none |\n| ---: | ---: | ---: |\n| fear | 3 | 1 |\n"))
        << text;
    EXPECT_TRUE(contains(text, "| seed | 7 |\n"));
    EXPECT_FALSE(contains(text, "Interrupted"));
}

TEST(Report, APartOfTheFacesIsCalledSo) {
    Report report = small_report();
    report.interrupted = true;
    EXPECT_TRUE(contains(report.markdown(), "**Interrupted"));
    EXPECT_EQ(report.csv(),
              "size,accuracy,by_class.fear.recall,interrupted\r\n48,0.87654,,true\r\n8,0.5,0.25,true\r\n");
    EXPECT_EQ(report.json()["interrupted"], true);
}

TEST(Report, TextsCannotBreakAMarkdownTable) {
    Report report = small_report();
    report.made_by.split = "a|b\nc";
    EXPECT_TRUE(contains(report.markdown(), "| split | a\\|b c |\n"));
}

TEST(Report, AFileNameThatIsNotUtf8DoesNotKeepTheReportFromBeingWritten) {
    Report report = small_report();
    report.made_by.options = {{"data", "faces\xff"}};
    EXPECT_TRUE(contains(report.markdown(), "| options | {\"data\":\"faces\xef\xbf\xbd\"} |"));
}

TEST(Report, CsvHasEveryColumnOnceInFullPrecision) {
    EXPECT_EQ(small_report().csv(), "size,accuracy,by_class.fear.recall\r\n48,0.87654,\r\n8,0.5,0.25\r\n");
}

TEST(Report, CsvQuotesCommasQuotesAndNewlines) {
    Report report;
    report.tables = {{"", {{"name", "name", -1}}}};
    report.rows = {{{"name", "a,\"b\"\nc"}}};
    EXPECT_EQ(report.csv(), "name\r\n\"a,\"\"b\"\"\nc\"\r\n");
}

TEST(Report, ANumberThatIsNoneIsNullInEveryFormat) {
    Report report;
    report.tables = {{"", {{"x", "x", 2}}}};
    report.rows = {{{"x", std::numeric_limits<double>::quiet_NaN()}}, {{"x", std::numeric_limits<double>::infinity()}}};
    EXPECT_EQ(report.csv(), "x\r\n\r\n\r\n");
    EXPECT_TRUE(contains(report.markdown(), "| – |\n| – |\n"));
    EXPECT_EQ(Json::parse(report.json().dump())["rows"].dump(), R"([{"x":null},{"x":null}])");
}

TEST(Report, FailedInputsAreAllInJsonCountedAndAFewNamedInMarkdown) {
    Report report = small_report();
    EXPECT_EQ(report.json()["failed_inputs"], Json::array());
    EXPECT_FALSE(contains(report.markdown(), "could not be read"));
    EXPECT_EQ(failure_count(report.failed), "");
    for (int i = 0; i < 25; ++i) {
        const std::string name = std::to_string(i) + "|.jpg";
        report.failed.push_back({name, i, i == 7 ? "not_found" : "truncated", "set line: " + name + ": broken"});
    }
    EXPECT_EQ(failure_count(report.failed), "25 inputs failed: not_found 1, truncated 24");
    const Json json = report.json();
    ASSERT_EQ(json["failed_inputs"].size(), 25u);
    EXPECT_TRUE(json["failed_inputs"][0]["row"].is_null());
    EXPECT_EQ(json["failed_inputs"][24]["path"], "24|.jpg");
    EXPECT_EQ(json["failed_inputs"][24]["row"], 24);
    const std::string text = report.markdown();
    EXPECT_TRUE(contains(text, "## What could not be read\n\n25 inputs failed: not_found 1, truncated 24.\n")) << text;
    EXPECT_TRUE(contains(text, "| truncated | set line: 19\\|.jpg: broken |\n\nand 5 more")) << text;
}

TEST(Report, AColumnThatARowLacksIsEmpty) {
    Report report;
    report.tables = {{"", {{"a.b", "b", 2}}}};
    report.rows = {{{"a", 1}}};
    EXPECT_EQ(report.csv(), "a.b\r\n\r\n");
    EXPECT_TRUE(contains(report.markdown(), "| – |"));
}

TEST(Report, ProvenanceOfNowKnowsProgramMachineAndDate) {
    const Json made_by = to_json(provenance_now("affectsr x"));
    EXPECT_EQ(made_by["program"], "affectsr");
    EXPECT_EQ(made_by["version"], program_version());
    EXPECT_EQ(made_by["commit"], program_commit());
    EXPECT_FALSE(std::string(program_commit()).empty());
    EXPECT_GE(made_by["hardware_threads"], 1);
    const auto date = made_by["date"].get<std::string>();
    ASSERT_EQ(date.size(), 20u) << date;
    EXPECT_EQ(date[10], 'T');
    EXPECT_EQ(date.back(), 'Z');
}

}  // namespace
}  // namespace affectsr
