#include "affectsr/experiment/card_figures.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

Json report() {
    return Json::parse(R"({
        "provenance": {"dataset": "faces", "split": "test", "dataset_sha256": "ab", "commit": "c0ffee", "command": "affectsr …",
                       "options": {"truth": "votes"}, "date": "today"},
        "rows": [{"size": 8, "n": 3, "left_out": 1, "accuracy": 0.666666, "balanced_accuracy": 0.5, "ece": 0.1,
                  "kappa": 0.2, "by_class": {"fear": {"recall": 0.333333}, "anger": {"recall": null}}}]})");
}

TEST(CardFigures, KeepsWhatACardNeedsToFourDigits) {
    const Json figures = card_figures(report(), "report.json");
    EXPECT_EQ(figures["dataset"], "faces");
    EXPECT_EQ(figures["truth"], "votes");
    EXPECT_EQ(figures["rows"][0]["accuracy"], 0.6667);
    EXPECT_EQ(figures["rows"][0]["recall"]["fear"], 0.3333);
    EXPECT_TRUE(figures["rows"][0]["recall"]["anger"].is_null());
    EXPECT_FALSE(figures["rows"][0].contains("kappa"));
}

TEST(CardFigures, TellsWhatTheFiguresLeaveOut) {
    Json part = report();
    part["rows"][0]["failed"] = 2;
    part["provenance"]["dataset_skipped"] = 5;
    part["provenance"]["dataset_unreadable"] = 1;
    part["faces"] = {{"with_truth", 30}, {"asked", 3}, {"judged", 3}};
    const Json figures = card_figures(part, "report.json");
    EXPECT_EQ(figures["rows"][0]["failed"], 2);
    EXPECT_EQ(figures["skipped"], 5);
    EXPECT_EQ(figures["unreadable"], 1);
    EXPECT_EQ(figures["judged"], 3);
    EXPECT_EQ(figures["of"], 30);
    EXPECT_FALSE(card_figures(report(), "report.json").contains("of"));
}

TEST(CardFigures, NamesTheViewsOfAFace) {
    Json of_two = report();
    of_two["provenance"]["options"]["views"] = 2;
    EXPECT_EQ(card_figures(of_two, "report.json")["views"], 2);
    EXPECT_FALSE(card_figures(report(), "report.json").contains("views")) << "a report that does not tell";
}

TEST(CardFigures, RefusesTheFiguresOfAStoppedRun) {
    Json stopped = report();
    stopped["interrupted"] = true;
    EXPECT_THROW(card_figures(stopped, "report.json"), InputError);
    stopped["interrupted"] = false;
    EXPECT_NO_THROW(card_figures(stopped, "report.json"));
}

TEST(CardFigures, RefusesWhatIsNotAReportNamingWhatIsMissing) {
    Json broken = report();
    broken["rows"][0].erase("ece");
    try {
        card_figures(broken, "report.json");
        FAIL();
    } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find("report.json"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("ece"), std::string::npos);
    }
    EXPECT_THROW(card_figures(Json::array(), "list.json"), InputError);
}

}  // namespace
}  // namespace affectsr
