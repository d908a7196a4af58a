#include "affectsr/experiment/table_text.h"

#include <gtest/gtest.h>

#include "affectsr/experiment/table_page.h"

namespace affectsr {
namespace {

Json row(const std::string& restorer, double gain, double flips) {
    return {{"data", "LFW"},
            {"scale", 4},
            {"restorer", restorer},
            {"error", nullptr},
            {"training_steps", 12000},
            {"training_seconds", 600},
            {"n", 5},
            {"psnr_y", 30 + gain},
            {"psnr_y_gain", gain},
            {"psnr_y_gain_low", gain - 0.5},
            {"psnr_y_gain_high", gain + 0.5},
            {"judge1", {{"name", "small|net"}, {"ecm", -1.25}, {"flip_rate", flips}, {"flips", {{1, 2}, {3, 4}}}}},
            {"made_by", {{"commit", "abc"}}}};
}

TableResult result() {
    TableResult made;
    made.judges = {"small|net"};
    made.rows = {row("bicubic", 0, 0.5), row("ours #1", 1, 0.25), row("ours #2", 2, 0.75)};
    made.rows.push_back({{"data", "LFW"}, {"scale", 4}, {"restorer", "<lost>"}, {"error", "no such file"}});
    made.missing = {"LFW, 4×, <lost>: no such file"};
    made.expressions = {{{"data", "LFW"},
                         {"reader", "small_net"},
                         {"restorer", "ours"},
                         {"size", 16},
                         {"error", nullptr},
                         {"n", 9},
                         {"accuracy_a", 0.75},
                         {"accuracy_b", 0.5},
                         {"accuracy_difference", -0.25},
                         {"accuracy_difference_low", -0.4},
                         {"accuracy_difference_high", -0.1},
                         {"mcnemar_p", 0.01}}};
    return made;
}

TableRecipe recipe() {
    TableRecipe made;
    made.name = "table";
    made.title = "A & B";
    made.data = {{.name = "LFW"}};
    return made;
}

TEST(TableText, EveryRowIsInEveryTable) {
    const std::vector<PageTable> tables = tables_of(result());
    ASSERT_EQ(tables.size(), 4U);
    EXPECT_EQ(tables[0].rows.size(), 4U);
    EXPECT_EQ(tables[1].rows.size(), 4U);
    EXPECT_EQ(tables[0].rows[1][1], "ours #1");
    EXPECT_EQ(tables[0].rows[1][2], "12000 steps, 10 min");
    EXPECT_EQ(tables[0].rows[3][4], "–") << "a row that could not be made has no figures";
}

TEST(TableText, TrainingsOfOneRestorerAreSummedUp) {
    const PageTable means = tables_of(result())[2];
    ASSERT_EQ(means.rows.size(), 1U) << "bicubic has no trainings";
    EXPECT_EQ(means.rows[0],
              (std::vector<std::string>{"LFW, 4×", "ours", "2", "1.50 ± 0.71", "-1.25 ± 0.00", "0.500 ± 0.354"}));
}

TEST(TableText, MarkdownKeepsItsColumnsWhateverTheNames) {
    const std::string text = table_markdown(recipe(), result());
    EXPECT_NE(text.find("| flips, small\\|net |"), std::string::npos) << text;
    EXPECT_NE(text.find("**Missing**: LFW, 4×, <lost>: no such file"), std::string::npos) << text;
    EXPECT_NE(text.find("| LFW | small_net | 16 px | ours | 9 | 0.750 | 0.500 | -0.250 | -0.400 to -0.100 | 0.0100 |"),
              std::string::npos)
        << text;
}

TEST(TableText, SaysWhichClassesAreRead) {
    TableRecipe some = recipe();
    some.expressions.data = {{.name = "LFW", .classes = {"neutral", "anger"}}};
    EXPECT_NE(table_markdown(some, result()).find("expressions of LFW: only faces of neutral, anger;"),
              std::string::npos);
    EXPECT_EQ(table_markdown(recipe(), result()).find("only faces of"), std::string::npos);
}

TEST(TableText, CsvHasEveryFigureOnce) {
    const std::string text = table_csv(result().rows);
    const std::string head = text.substr(0, text.find("\r\n"));
    EXPECT_NE(head.find("judge1.flip_rate"), std::string::npos) << head;
    EXPECT_EQ(head.find("made_by"), std::string::npos) << head;
    EXPECT_EQ(head.find("judge1.flips,"), std::string::npos) << "a matrix is no figure";
    EXPECT_NE(text.find("no such file"), std::string::npos);
    EXPECT_EQ(table_csv({}), "");
}

TEST(TableText, JsonHasAllThereIs) {
    const Json json = table_json(recipe(), result());
    EXPECT_EQ(json["rows"].size(), 4U);
    EXPECT_EQ(json["rows"][0]["made_by"]["commit"], "abc");
    EXPECT_EQ(json["expressions"].size(), 1U);
    EXPECT_EQ(json["missing"].size(), 1U);
}

TEST(TablePage, ShowsTablesPlotsAndFaces) {
    TableResult made = result();
    made.strips = {{"LFW", 4, {{7, Image(128, 128, 90), {"bicubic"}, {Image(128, 128, 80)}}}}};
    const std::string html = table_page(recipe(), made);
    const auto count = [&html](const std::string& part) {
        int times = 0;
        for (std::size_t at = 0; (at = html.find(part, at)) != std::string::npos; at += part.size()) ++times;
        return times;
    };
    EXPECT_EQ(count("<svg "), 5) << "gain, flips, ECM, roads by size, accuracy";
    EXPECT_EQ(count("<img "), 3) << "small face, restored, original";
    EXPECT_NE(html.find("Face 7 of LFW, 4×"), std::string::npos);
    EXPECT_NE(html.find("<title>A &amp; B</title>"), std::string::npos);
    EXPECT_EQ(html.find("<lost>"), std::string::npos) << "names are shown as text";
    EXPECT_NE(html.find("Missing: LFW, 4×, &lt;lost&gt;"), std::string::npos);
}

TEST(TablePage, SaysThatItIsAPart) {
    TableResult made = result();
    made.interrupted = true;
    EXPECT_NE(table_page(recipe(), made).find("Interrupted"), std::string::npos);
    EXPECT_NE(table_markdown(recipe(), made).find("**Interrupted"), std::string::npos);
}

}  // namespace
}  // namespace affectsr
