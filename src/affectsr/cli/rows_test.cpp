#include "affectsr/cli/rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace affectsr::cli {
namespace {

Expression happy() {
    return {seven_emotions(), {0.05f, 0.7f, 0.05f, 0.05f, 0.05f, 0.05f, 0.05f}};
}

Row two_faces() {
    Row row;
    row.input = "party, \"2\".jpg";
    row.width = 640;
    row.height = 480;
    row.faces_found = 2;
    row.faces = {{{10.126f, 20, 30, 40}, 0.5f, happy(), "", "enlarged"},
                 {{1, 2, 5, 6}, 1, {}, "too_small", "undetermined"}};
    row.read_ms = 1.234;
    row.ms.total_ms = 8.766;
    return row;
}

std::size_t cells(const std::string& line) {
    std::size_t commas = 0;
    bool quoted = false;
    for (const char c : line) {
        if (c == '"') quoted = !quoted;
        if (c == ',' && !quoted) ++commas;
    }
    return commas + 1;
}

TEST(Rows, AnAnsweredPhotoHasEveryKeyOfTheSchema) {
    const Json json = to_json(two_faces(), true);
    std::vector<std::string> keys;
    for (const auto& [key, value] : json.items()) keys.push_back(key);
    EXPECT_EQ(keys,
              (std::vector<std::string>{"input", "status", "error", "width", "height", "faces_found", "faces", "ms"}));
    EXPECT_EQ(json["status"], "ok");
    EXPECT_TRUE(json["error"].is_null());
    EXPECT_EQ(json["faces"][0]["box"], (Json{10.13, 20.0, 30.0, 40.0}));
    EXPECT_EQ(json["faces"][0]["expression"], "happiness");
    EXPECT_EQ(json["faces"][0]["confidence"], 0.7);
    EXPECT_EQ(json["faces"][0]["probabilities"].size(), 7u);
    EXPECT_TRUE(json["faces"][0]["reason"].is_null());
    EXPECT_EQ(json["faces"][0]["road"], "enlarged");
    EXPECT_EQ(json["ms"]["total"], 10.0);
}

TEST(Rows, AnUndeterminedFaceSaysWhyAndNamesNoClass) {
    const Json face = to_json(two_faces(), true)["faces"][1];
    EXPECT_EQ(face["expression"], "undetermined");
    EXPECT_TRUE(face["confidence"].is_null());
    EXPECT_EQ(face["probabilities"], Json::object());
    EXPECT_EQ(face["reason"], "too_small");
}

TEST(Rows, AFailedInputHasTheSameKeysAndItsError) {
    const Json json = to_json(failed_row("x.jpg", "truncated", "x.jpg ends early"), true);
    EXPECT_EQ(json.size(), to_json(two_faces(), true).size());
    EXPECT_EQ(json["status"], "failed");
    EXPECT_EQ(json["error"]["code"], "truncated");
    EXPECT_EQ(json["error"]["message"], "x.jpg ends early");
    EXPECT_TRUE(json["width"].is_null());
    EXPECT_EQ(json["faces"], Json::array());
}

TEST(Rows, NamesWithBrokenBytesStayValidJson) {
    const std::string line =
        row_text(RowFormat::jsonl, failed_row("a\xff\xfe\n.jpg", "not_found", "a\xff"), true, true);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    EXPECT_EQ(Json::parse(line)["input"], "a\uFFFD\uFFFD\n.jpg");
}

TEST(Rows, NotANumberIsNeverWritten) {
    Row row = two_faces();
    row.faces[0].box.x = std::numeric_limits<float>::quiet_NaN();
    row.faces[0].score = std::numeric_limits<float>::infinity();
    row.ms.total_ms = std::numeric_limits<double>::quiet_NaN();
    const Json json = Json::parse(row_text(RowFormat::jsonl, row, true, true));
    EXPECT_TRUE(json["faces"][0]["box"][0].is_null());
    EXPECT_TRUE(json["faces"][0]["score"].is_null());
    EXPECT_TRUE(json["ms"]["total"].is_null());
}

TEST(Rows, WithoutTimingsThereIsNoMs) {
    EXPECT_FALSE(to_json(two_faces(), false).contains("ms"));
}

TEST(Rows, JsonIsOneArrayWhateverTheNumberOfRows) {
    for (int n = 0; n < 4; ++n) {
        std::string text = opening(RowFormat::json, true);
        for (int i = 0; i < n; ++i) text += row_text(RowFormat::json, two_faces(), true, i == 0);
        text += closing(RowFormat::json, n > 0);
        EXPECT_EQ(Json::parse(text).size(), static_cast<std::size_t>(n)) << text;
    }
}

TEST(Rows, CsvHasOneLinePerFaceAndTheSameCellsInEach) {
    const std::size_t columns = cells(opening(RowFormat::csv, true));
    const std::string two = row_text(RowFormat::csv, two_faces(), true, true);
    const std::string none = row_text(RowFormat::csv, failed_row("x.jpg", "truncated", "ends, early"), true, false);
    ASSERT_EQ(std::count(two.begin(), two.end(), '\n'), 2);
    EXPECT_EQ(cells(two.substr(0, two.find('\n'))), columns);
    EXPECT_EQ(cells(two.substr(two.find('\n') + 1)), columns);
    EXPECT_EQ(cells(none), columns);
    EXPECT_EQ(two.rfind("\"party, \"\"2\"\".jpg\",ok,", 0), 0u) << two;
}

TEST(Rows, TextNamesFacesAndFailures) {
    const std::string text = row_text(RowFormat::text, two_faces(), true, true);
    EXPECT_NE(text.find("640×480, 2 faces\n"), std::string::npos) << text;
    EXPECT_NE(text.find("happiness   70 %"), std::string::npos) << text;
    EXPECT_NE(text.find("undetermined (too_small)"), std::string::npos) << text;
    EXPECT_EQ(row_text(RowFormat::text, failed_row("x.jpg", "truncated", "ends early"), true, true),
              "x.jpg: failed (truncated): ends early\n");
}

TEST(Rows, TextForATerminalCarriesNoEscapeSequences) {
    EXPECT_EQ(printable("a\x1b[31mb\n\x7f"), "a?[31mb??");
    EXPECT_EQ(printable("a\u009bb"), "a?b");
    EXPECT_EQ(printable("grüße"), "grüße");
}

}  // namespace
}  // namespace affectsr::cli
