#include "affectsr/classify/temperatures.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(Temperatures, WithoutPointsAreOneForEverySize) {
    for (const double size_px : {1.0, 48.0, 4000.0}) EXPECT_EQ(TemperatureBySize().at(size_px), 1);
}

TEST(Temperatures, ANumberHoldsForEverySize) {
    const TemperatureBySize same = TemperatureBySize::from_json(1.25);
    for (const double size_px : {0.5, 8.0, 4000.0}) EXPECT_EQ(same.at(size_px), 1.25);
}

TEST(Temperatures, AreLinearOverTheLogarithmOfTheSizeAndHeldAtTheEnds) {
    const TemperatureBySize table = TemperatureBySize::from_json(Json::parse("[[8, 1.5], [16, 1.1], [64, 0.9]]"));
    EXPECT_EQ(table.at(8), 1.5);
    EXPECT_EQ(table.at(16), 1.1);
    EXPECT_EQ(table.at(64), 0.9);
    EXPECT_NEAR(table.at(8 * std::sqrt(2.0)), 1.3, 1e-12) << "half way from 8 to 16 in octaves";
    EXPECT_NEAR(table.at(32), 1.0, 1e-12) << "half way from 16 to 64 in octaves";
    EXPECT_EQ(table.at(1), 1.5);
    EXPECT_EQ(table.at(5000), 0.9);
}

TEST(Temperatures, AreWrittenAsTheyAreRead) {
    const Json written = TemperatureBySize({{8, 1.5}, {48, 0.75}}).json();
    EXPECT_EQ(written, Json::parse("[[8, 1.5], [48, 0.75]]"));
    EXPECT_EQ(TemperatureBySize::from_json(written).at(48), 0.75);
    EXPECT_EQ(TemperatureBySize().json(), 1);
}

TEST(Temperatures, WhatCannotBeATableIsRefused) {
    for (const char* wrong :
         {"0", "-1", "101", "1e300", "\"warm\"", "null", "{}", "[]", "[1, 1]", "[[8]]", "[[8, 1, 2]]", "[[8, \"1\"]]",
          "[[0, 1]]", "[[-8, 1]]", "[[16, 1], [8, 1]]", "[[8, 1], [8, 2]]", "[[8, 0]]", "[[1e999, 1]]"}) {
        const Json json = Json::parse(wrong, nullptr, false);
        try {
            TemperatureBySize::from_json(json);
            FAIL() << wrong;
        } catch (const UsageError& error) {
            EXPECT_EQ(error.code(), "bad_temperatures") << wrong;
        }
    }
    Json many = Json::array();
    for (int i = 1; i <= 65; ++i) many.push_back({i, 1});
    EXPECT_THROW(TemperatureBySize::from_json(many), UsageError);
}

TEST(Temperatures, OfACardAreThoseOfTheViewsAskedFor) {
    ModelCard card;
    card.heads = Json::parse(R"({"a": {"temperatures": {"1": [[8, 2]], "2": 3}}, "b": {"labels": []}})");
    EXPECT_EQ(temperatures_of(card, 1, "x").at("a").at(8), 2);
    EXPECT_EQ(temperatures_of(card, 2, "x").at("a").at(8), 3);
    EXPECT_FALSE(temperatures_of(card, 1, "x").contains("b"));
}

}  // namespace
}  // namespace affectsr
