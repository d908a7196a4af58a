#include "affectsr/base/differences.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

TEST(Differences, NameWhatChanged) {
    const Json before = Json::parse(R"({"epochs":12,"network":{"widths":[8,16]},"data":[{"n":1},{"n":2}]})");
    Json now = before;
    EXPECT_EQ(differences(before, now), "");
    now["epochs"] = 24;
    now["network"]["widths"] = {8, 24};
    now["data"][1]["n"] = 3;
    now["new"] = true;
    EXPECT_EQ(differences(before, now),
              "epochs: 12, now 24; network.widths: [8,16], now [8,24]; data[1].n: 2, now 3; new: null, now true");
    EXPECT_EQ(differences({{"h", std::string(64, 'a')}}, {{"h", std::string(64, 'b')}}), "h: aaaaaaaa…, now bbbbbbbb…");
    now["data"].erase(1);
    EXPECT_NE(differences(before, now).find("data: [{\"n\":1},{\"n\":2}], now [{\"n\":1}]"), std::string::npos);
}

TEST(Differences, BeyondTheMostAreCounted) {
    const Json before = {{"a", 1}, {"b", 1}, {"c", 1}}, now = {{"a", 2}, {"b", 2}, {"c", 2}};
    EXPECT_EQ(differences(before, now, 1), "a: 1, now 2; and 2 more");
    EXPECT_EQ(differences(before, now, 3), "a: 1, now 2; b: 1, now 2; c: 1, now 2");
}

}  // namespace
}  // namespace affectsr
