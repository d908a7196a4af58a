#include "affectsr/restore/gcn.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

std::map<std::pair<int, int>, float> sums_of(const std::vector<PositionLink>& links) {
    std::map<std::pair<int, int>, float> sums;
    for (const PositionLink& link : links) sums[{link.to, link.from}] += link.weight;
    return sums;
}

TEST(Gcn, NormalisesByTheRootsOfBothDegrees) {
    const std::array<GraphEdge, 4> path{{{0, 1}, {1, 0}, {1, 2}, {2, 1}}};  // 0 – 1 – 2, and 3 alone
    const auto sums = sums_of(normalised_adjacency(4, path));
    EXPECT_FLOAT_EQ(sums.at({0, 0}), 0.5F);
    EXPECT_FLOAT_EQ(sums.at({1, 1}), 1.0F / 3);
    EXPECT_FLOAT_EQ(sums.at({0, 1}), 1 / std::sqrt(6.0F));
    EXPECT_FLOAT_EQ(sums.at({1, 0}), 1 / std::sqrt(6.0F));
    EXPECT_FLOAT_EQ(sums.at({3, 3}), 1) << "a node alone keeps what it has";
    EXPECT_EQ(sums.size(), 8U);
}

TEST(Gcn, CountsWhatComesInAndKeepsOwnLoops) {
    const std::array<GraphEdge, 3> edges{{{0, 1, 2}, {0, 1, 1}, {0, 0, 0.5F}}};
    const auto sums = sums_of(normalised_adjacency(2, edges));
    EXPECT_FLOAT_EQ(sums.at({0, 0}), 1) << "0.5 over a degree of 0.5";
    EXPECT_FLOAT_EQ(sums.at({1, 0}), 3 / std::sqrt(4 * 0.5F)) << "repeated edges add up";
    EXPECT_FALSE(sums.contains({0, 1})) << "the edge leads one way";
    const std::array<GraphEdge, 1> nowhere{{{0, 2}}};
    EXPECT_THROW(normalised_adjacency(2, nowhere), Bug);
}

}  // namespace
}  // namespace affectsr
