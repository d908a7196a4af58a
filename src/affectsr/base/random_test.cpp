#include "affectsr/base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace affectsr {
namespace {

TEST(Random, SplitMix64GivesThePublishedNumbers) {
    // The first numbers of Vigna's splitmix64.c from the state 1234567.
    SplitMix64 random(1234567);
    for (const std::uint64_t expected : {6457827717110365317ull, 3203168211198807973ull, 9817491932198370423ull,
                                         4593380528125082431ull, 16408922859458223821ull})
        EXPECT_EQ(random.next(), expected);
}

TEST(Random, AChainedSeedDependsOnEveryNumberAndOnTheirOrder) {
    EXPECT_EQ(chained_seed(7, {}), 7u);
    EXPECT_EQ(chained_seed(7, {0}), SplitMix64(7).next()) << "the data sets' splits hang on it";
    std::set<std::uint64_t> seeds;
    for (std::uint64_t seed = 0; seed < 10; ++seed)
        for (std::uint64_t epoch = 0; epoch < 10; ++epoch)
            for (std::uint64_t item = 0; item < 10; ++item) seeds.insert(chained_seed(1, {seed, epoch, item}));
    EXPECT_EQ(seeds.size(), 1000u);
    static_assert(chained_seed(1, {2, 3}) != chained_seed(1, {3, 2}));
}

TEST(Random, TheUnitIntervalIsClosedBelowAndOpenAbove) {
    EXPECT_EQ(unit_interval(0), 0);
    EXPECT_EQ(unit_interval(1ull << 63), 0.5);
    EXPECT_LT(unit_interval(~0ull), 1);
}

TEST(Random, FollowsItsFormulas) {
    std::mt19937_64 random(5489), same(5489);
    const double u = static_cast<double>(same() >> 11) / 9007199254740992.0;
    EXPECT_EQ(uniform01(random), u);
    const double u1 = uniform01(same), u2 = uniform01(same);
    const auto [first, second] = two_standard_normals(random);
    EXPECT_DOUBLE_EQ(first, std::sqrt(-2 * std::log(1 - u1)) * std::cos(2 * M_PI * u2));
    EXPECT_DOUBLE_EQ(second, std::sqrt(-2 * std::log(1 - u1)) * std::sin(2 * M_PI * u2));
    double sum = 0, squares = 0, products = 0;
    for (int i = 0; i < 50000; ++i) {
        const auto [a, b] = two_standard_normals(random);
        sum += a + b;
        squares += a * a + b * b;
        products += a * b;
    }
    EXPECT_NEAR(sum / 100000, 0, 0.02);
    EXPECT_NEAR(squares / 100000, 1, 0.02);
    EXPECT_NEAR(products / 50000, 0, 0.02);
}

}  // namespace
}  // namespace affectsr
