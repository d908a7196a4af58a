#include "affectsr/experiment/plot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <regex>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

/// The x of every dot, from top to bottom.
std::vector<double> dots(const std::string& svg) {
    static const std::regex kCircle("<circle cx=\"([-0-9.]+)\"");
    std::vector<double> places;
    for (std::sregex_iterator i(svg.begin(), svg.end(), kCircle), end; i != end; ++i)
        places.push_back(std::stod((*i)[1]));
    return places;
}

int count(const std::string& text, const std::string& part) {
    int times = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++times;
    return times;
}

TEST(Plot, DotsStandWhereTheirValuesSay) {
    const std::vector<double> places = dots(svg_of({"gain", 2, {{"one", 1}, {"three", 3}, {"two", 2}}}));
    ASSERT_EQ(places.size(), 3U);
    EXPECT_LT(places[0], places[2]);
    EXPECT_NEAR(places[2] - places[0], places[1] - places[2], 0.11);
}

TEST(Plot, AnIntervalIsThreeLinesAndStandsBesideItsValue) {
    const std::string with = svg_of({"", 3, {{"small", 0.5, 0.25, 0.75}}}), without = svg_of({"", 3, {{"small", 0.5}}});
    EXPECT_EQ(count(with, "stroke-width=\"2\"") - count(without, "stroke-width=\"2\""), 3);
    EXPECT_NE(with.find(">0.500 (0.250 to 0.750)<"), std::string::npos) << with;
}

TEST(Plot, ARowWithoutAValueHasNoDot) {
    const std::string svg = svg_of({"", 2, {{"one", 1}, {"missing"}}});
    EXPECT_EQ(dots(svg).size(), 1U);
    EXPECT_NE(svg.find("missing: –"), std::string::npos);
    EXPECT_TRUE(dots(svg_of({"", 2, {{"missing"}}})).empty());
    EXPECT_TRUE(dots(svg_of({"nothing", 2, {}})).empty());
}

TEST(Plot, EqualValuesStandInTheMiddle) {
    const std::vector<double> places = dots(svg_of({"", 2, {{"a", 7}, {"b", 7}}}));
    ASSERT_EQ(places.size(), 2U);
    EXPECT_EQ(places[0], places[1]);
    EXPECT_GT(places[0], dots(svg_of({"", 2, {{"a", 7}, {"b", 8}}}))[0]);
}

TEST(Plot, LinesHaveADotForEveryKnownValueAndAGapForOthers) {
    const LinePlot plot{"accuracy", 2, {"50 px", "25 px", "13 px"}, {{"a", {0.9, 0.8, 0.4}}, {"b", {0.9, NAN, 0.6}}}};
    const std::string svg = svg_of_lines(plot);
    const std::vector<double> places = dots(svg);
    ASSERT_EQ(places.size(), 5U);
    EXPECT_NEAR(places[1] - places[0], places[2] - places[1], 0.11) << "steps are as far from each other";
    EXPECT_EQ(places[3], places[0]);
    EXPECT_EQ(count(svg, "stroke-width=\"2\""), 2 + 2) << "two pieces of a, none of b, two in the legend";
    EXPECT_NE(svg.find("b: 50 px 0.90, 25 px –, 13 px 0.60,"), std::string::npos) << svg;
    EXPECT_THROW(svg_of_lines({"", 2, {"50 px"}, {{"a", {}}}}), Bug);
    EXPECT_TRUE(dots(svg_of_lines({"", 2, {"50 px"}, {{"<b>", {NAN}}}})).empty());
}

TEST(Plot, WhatItIsGivenIsShownAsText) {
    const std::string svg = svg_of({"<script>\"'&", 2, {{"</title><script>alert(1)</script>", 1}}});
    EXPECT_EQ(svg.find("<script"), std::string::npos) << svg;
    EXPECT_NE(svg.find("&lt;script&gt;&quot;&#39;&amp;"), std::string::npos) << svg;
}

TEST(Plot, IsReadToThoseWhoCannotSeeIt) {
    const std::string svg = svg_of({"Flip rate", 2, {{"bicubic", 0.25, 0.2, 0.3}}});
    EXPECT_NE(svg.find("aria-label=\"Flip rate; bicubic: 0.25 (0.20 to 0.30)\""), std::string::npos) << svg;
    EXPECT_NE(svg.find("role=\"img\""), std::string::npos);
}

TEST(Plot, LongLabelsAreCutBetweenLetters) {
    std::string label;
    for (int i = 0; i < 40; ++i) label += "é";
    const std::string svg = svg_of({"", 2, {{label, 1}}});
    EXPECT_NE(svg.find(label + ": 1.00"), std::string::npos) << "the row's title has all of it";
    EXPECT_NE(svg.find("é…</text>"), std::string::npos) << svg;
}

TEST(Plot, AxesAreMarkedAtRoundNumbers) {
    EXPECT_EQ(axis_marks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
    EXPECT_EQ(axis_marks(-1, 1, 2), (std::vector<double>{-1, 0, 1}));
    EXPECT_EQ(axis_marks(1.5, 2.4, 1), (std::vector<double>{2}));
    for (const double width : {0.003, 0.7, 1.0, 3.3, 9999.0})
        EXPECT_LE(axis_marks(0.1, 0.1 + width, 6).size(), 7U) << width;
    EXPECT_THROW(axis_marks(1, 1, 6), Bug);
}

TEST(Plot, ANumberThatRoundsToNothingHasNoSign) {
    EXPECT_NE(svg_of({"", 2, {{"a", -0.001}}}).find(">0.00<"), std::string::npos);
}

}  // namespace
}  // namespace affectsr
