#include "affectsr/cli/rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

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
    EXPECT_EQ(keys, (std::vector<std::string>{"input", "status", "error", "width", "height", "picture", "faces_found",
                                              "faces", "ms"}));
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

TEST(Rows, ARestorerThatFailedAndATurnedFaceAreTold) {
    Row row = two_faces();
    EXPECT_TRUE(to_json(row, false)["faces"][0]["restorer_reason"].is_null());
    EXPECT_TRUE(to_json(row, false)["faces"][0]["roll_deg"].is_null());
    row.faces[0].restorer_reason = "restorer_not_finite";
    row.faces[0].roll_deg = -12.34;
    const Json face = to_json(row, false)["faces"][0];
    EXPECT_EQ(face["restorer_reason"], "restorer_not_finite");
    EXPECT_EQ(face["roll_deg"], -12.3);
    EXPECT_NE(row_text({RowFormat::csv}, row, true).find(",restorer_not_finite,-12.3,"), std::string::npos);
    EXPECT_NE(row_text({RowFormat::text}, row, true).find("(restorer_not_finite)"), std::string::npos);
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
    const std::string line = row_text({RowFormat::jsonl}, failed_row("a\xff\xfe\n.jpg", "not_found", "a\xff"), true);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    EXPECT_EQ(Json::parse(line)["input"], "a\uFFFD\uFFFD\n.jpg");
}

TEST(Rows, NotANumberIsNeverWritten) {
    Row row = two_faces();
    row.faces[0].box.x = std::numeric_limits<float>::quiet_NaN();
    row.faces[0].score = std::numeric_limits<float>::infinity();
    row.ms.total_ms = std::numeric_limits<double>::quiet_NaN();
    const Json json = Json::parse(row_text({RowFormat::jsonl}, row, true));
    EXPECT_TRUE(json["faces"][0]["box"][0].is_null());
    EXPECT_TRUE(json["faces"][0]["score"].is_null());
    EXPECT_TRUE(json["ms"]["total"].is_null());
}

TEST(Rows, WithoutTimingsThereIsNoMs) {
    EXPECT_FALSE(to_json(two_faces(), false).contains("ms"));
}

TEST(Rows, JsonIsOneArrayWhateverTheNumberOfRows) {
    for (int n = 0; n < 4; ++n) {
        std::string text = opening({RowFormat::json});
        for (int i = 0; i < n; ++i) text += row_text({RowFormat::json}, two_faces(), i == 0);
        text += closing({RowFormat::json}, n > 0);
        EXPECT_EQ(Json::parse(text).size(), static_cast<std::size_t>(n)) << text;
    }
}

TEST(Rows, CsvHasOneLinePerFaceAndTheSameCellsInEach) {
    const std::size_t columns = cells(opening({RowFormat::csv}));
    const std::string two = row_text({RowFormat::csv}, two_faces(), true);
    const std::string none = row_text({RowFormat::csv}, failed_row("x.jpg", "truncated", "ends, early"), false);
    ASSERT_EQ(std::count(two.begin(), two.end(), '\n'), 2);
    EXPECT_EQ(cells(two.substr(0, two.find('\n'))), columns);
    EXPECT_EQ(cells(two.substr(two.find('\n') + 1)), columns);
    EXPECT_EQ(cells(none), columns);
    EXPECT_EQ(two.rfind("\"party, \"\"2\"\".jpg\",ok,", 0), 0u) << two;
}

/// The cells of a table's first line after its head, by the names of the columns.
std::map<std::string, std::string> first_line(const RowStyle& style, const Row& row) {
    const auto split = [](const std::string& line) {
        std::vector<std::string> found(1);
        bool quoted = false;
        for (const char c : line.substr(0, line.find_last_of('\n'))) {
            if (c == '"') quoted = !quoted;
            if (c == ',' && !quoted)
                found.emplace_back();
            else
                found.back() += c;
        }
        return found;
    };
    const std::vector<std::string> names = split(opening(style)), values = split(row_text(style, row, true));
    std::map<std::string, std::string> cells;
    for (std::size_t i = 0; i < names.size(); ++i) cells[names[i]] = i < values.size() ? values[i] : "no cell";
    return cells;
}

TEST(Rows, CsvSaysOfAFailedInputWhatJsonSays) {
    const Row row = failed_row("x.jpg", "truncated", "ends early");
    auto cells = first_line({RowFormat::csv}, row);
    for (const char* unknown : {"width", "height", "face", "x", "x1", "score", "confidence", "picture", "strip"})
        EXPECT_EQ(cells.at(unknown), "") << unknown;
    EXPECT_EQ(cells.at("faces"), "0");
    EXPECT_EQ(cells.at("faces_found"), "0");
    Row more = two_faces();
    more.faces.resize(1);
    cells = first_line({RowFormat::csv}, more);
    EXPECT_EQ(cells.at("width"), "640");
    EXPECT_EQ(cells.at("faces"), "1");
    EXPECT_EQ(cells.at("faces_found"), "2");
}

TEST(Rows, CornersAreTheBoxWithinThePhotoInWholePixels) {
    Row row = two_faces();
    row.faces.resize(1);
    const std::pair<Box, Json> cases[] = {{{10.126f, 20, 30, 40}, {10, 20, 41, 60}},
                                          {{-3.5f, -0.25f, 20, 20}, {0, 0, 17, 20}},
                                          {{630, 470.2f, 40, 40}, {630, 470, 640, 480}},
                                          {{10.1f, 20, 20.9f, 10}, {10, 20, 31, 30}},
                                          {{700, 500, 9, 9}, {640, 480, 640, 480}}};
    for (const auto& [box, corners] : cases) {
        row.faces[0].box = box;
        EXPECT_EQ(to_json(row, true)["faces"][0]["corners"], corners);
        const auto cells = first_line({RowFormat::csv}, row);
        EXPECT_EQ(cells.at("x1") + "," + cells.at("y1") + "," + cells.at("x2") + "," + cells.at("y2"),
                  corners[0].dump() + "," + corners[1].dump() + "," + corners[2].dump() + "," + corners[3].dump());
    }
}

TEST(Rows, PictureAndStripsAreNamed) {
    Row row = two_faces();
    row.picture = "out/party.jpg";
    row.faces[0].strip = "out/party.face1.png";
    const Json json = to_json(row, true);
    EXPECT_EQ(json["picture"], "out/party.jpg");
    EXPECT_EQ(json["faces"][0]["strip"], "out/party.face1.png");
    EXPECT_TRUE(json["faces"][1]["strip"].is_null());
    EXPECT_TRUE(to_json(two_faces(), true)["picture"].is_null());
    row.faces.resize(1);
    const auto cells = first_line({RowFormat::csv}, row);
    EXPECT_EQ(cells.at("picture"), "out/party.jpg");
    EXPECT_EQ(cells.at("strip"), "out/party.face1.png");
}

TEST(Rows, SafeCsvRunsNoFormulaAndCanBeReadBack) {
    for (const std::string name : {"=1+1", "+a.jpg", "-a.jpg", "@SUM(A1)", "\tx", "\rx", "\nx", "'a", "\uFF1D1"}) {
        const auto safe = first_line({RowFormat::csv, true, true}, failed_row(name, "not_found", "")).at("input");
        EXPECT_EQ(safe.find("'" + name), safe.front() == '"' ? 1u : 0u) << safe;
        const auto plain = first_line({RowFormat::csv}, failed_row(name, "not_found", "")).at("input");
        EXPECT_EQ(plain.find("'" + name), std::string::npos) << plain;
    }
    EXPECT_EQ(first_line({RowFormat::csv, true, true}, failed_row("a=b.jpg", "x", "")).at("input"), "a=b.jpg");
}

TEST(Rows, SafeCsvLeavesNumbersAlone) {
    Row row = two_faces();
    row.faces.resize(1);
    row.faces[0].box.x = -3;
    EXPECT_EQ(first_line({RowFormat::csv, true, true}, row).at("x"), "-3.0");
}

TEST(Rows, TextNamesFacesAndFailures) {
    const std::string text = row_text({RowFormat::text}, two_faces(), true);
    EXPECT_NE(text.find("640×480, 2 faces\n"), std::string::npos) << text;
    EXPECT_NE(text.find("happiness   70 %"), std::string::npos) << text;
    EXPECT_NE(text.find("undetermined (too_small)"), std::string::npos) << text;
    EXPECT_EQ(row_text({RowFormat::text}, failed_row("x.jpg", "truncated", "ends early"), true),
              "x.jpg: failed (truncated): ends early\n");
}

TEST(Rows, TextForATerminalCarriesNoEscapeSequences) {
    EXPECT_EQ(printable("a\x1b[31mb\n\x7f"), "a?[31mb??");
    EXPECT_EQ(printable("a\u009bb"), "a?b");
    EXPECT_EQ(printable("grüße"), "grüße");
}

}  // namespace
}  // namespace affectsr::cli
