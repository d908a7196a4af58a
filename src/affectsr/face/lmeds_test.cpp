#include "affectsr/face/lmeds.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <random>

#include "affectsr/base/error.h"
#include "affectsr/base/random.h"
#include "affectsr/face/align.h"

namespace affectsr {
namespace {

const Similarity kTruth{1.4, -0.6, 30, 12};

Landmarks scattered(std::uint64_t seed, int count) {
    std::mt19937_64 random(seed);
    Landmarks points;
    for (int i = 0; i < count; ++i) {
        const double x = 100 * uniform01(random), y = 100 * uniform01(random);
        points.push_back({static_cast<float>(x), static_cast<float>(y)});
    }
    return points;
}

Landmarks moved(const Landmarks& points, const Similarity& by) {
    Landmarks target;
    for (const Point& point : points) target.push_back(by.apply(point));
    return target;
}

void expect_equal(const std::optional<Similarity>& found, const Similarity& wanted, double within = 1e-4) {
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->a, wanted.a, within);
    EXPECT_NEAR(found->b, wanted.b, within);
    EXPECT_NEAR(found->tx, wanted.tx, 100 * within);
    EXPECT_NEAR(found->ty, wanted.ty, 100 * within);
}

TEST(Lmeds, TwoOfFivePointsMayLieAnywhere) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Landmarks source = scattered(seed, 5);
        for (std::size_t i = 0; i < 5; ++i)
            for (std::size_t j = 0; j < i; ++j) {
                Landmarks target = moved(source, kTruth);
                target[i].x += 500, target[j].y -= 300;
                expect_equal(fit_similarity_lmeds(source, target), kTruth);
            }
    }
}

TEST(Lmeds, WithoutMistakesAllPointsCount) {
    const Landmarks source = scattered(3, 5);
    Landmarks target = moved(source, kTruth);
    const std::array<float, 5> noise{0.4F, -0.3F, -0.5F, 0.2F, 0.3F};
    for (std::size_t i = 0; i < 5; ++i) target[i].x += noise[i], target[i].y -= noise[4 - i];
    expect_equal(fit_similarity_lmeds(source, target), *fit_similarity(source, target), 1e-12);
}

TEST(Lmeds, AnEvenNumberOfPointsHasAMedianToo) {
    const Landmarks source = scattered(5, 8);
    Landmarks target = moved(source, kTruth);
    for (const std::size_t i : {0, 3, 6}) target[i].x += 40.0F + 30.0F * static_cast<float>(i);
    expect_equal(fit_similarity_lmeds(source, target), kTruth);
}

TEST(Lmeds, TwoPointsAreFittedExactly) {
    const Landmarks source = scattered(7, 2);
    expect_equal(fit_similarity_lmeds(source, moved(source, kTruth)), kTruth);
}

TEST(Lmeds, PointsThatSayNothingGiveNoSimilarity) {
    const Landmarks one{{1, 1}}, equal{{2, 2}, {2, 2}, {2, 2}}, three{{0, 0}, {1, 0}, {0, 1}};
    EXPECT_FALSE(fit_similarity_lmeds(one, one));
    EXPECT_FALSE(fit_similarity_lmeds(equal, three));
    EXPECT_FALSE(fit_similarity_lmeds(three, one));
    Landmarks broken = three;
    broken[1].x = std::numeric_limits<float>::quiet_NaN();
    EXPECT_FALSE(fit_similarity_lmeds(broken, three));
}

TEST(Lmeds, MorePointsThanPairsCanBeTriedForIsABug) {
    const Landmarks many = scattered(9, 101);
    EXPECT_THROW(fit_similarity_lmeds(many, many), Bug);
}

}  // namespace
}  // namespace affectsr
