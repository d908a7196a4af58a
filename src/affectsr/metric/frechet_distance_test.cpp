#include "affectsr/metric/frechet_distance.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

FeatureStatistics of_rows(const std::vector<std::vector<float>>& rows) {
    FeatureStatistics statistics;
    for (const std::vector<float>& row : rows) statistics.add(row);
    return statistics;
}

TEST(FrechetDistance, StatisticsAreThoseOfASample) {
    const FeatureStatistics two = of_rows({{1, 10}, {3, 14}});
    EXPECT_EQ(two.mean(), (std::vector<double>{2, 12}));
    EXPECT_EQ(two.covariance(), (std::vector<double>{2, 4, 4, 8}));
    EXPECT_THROW(of_rows({{1, 2}}).covariance(), Bug);
    EXPECT_THROW(of_rows({{1, 2}, {1}}), Bug);
}

TEST(FrechetDistance, OfOneFeatureIsThatOfTwoNormalDistributions) {
    // Variances 2 and 8: (2 − 12)² + (√2 − √8)².
    const FrechetParts parts = frechet_distance(of_rows({{1}, {3}}), of_rows({{10}, {14}}));
    EXPECT_NEAR(parts.squared_mean, 100, 1e-12);
    EXPECT_NEAR(parts.trace_of_root, 4, 1e-12);
    EXPECT_NEAR(parts.distance, 102, 1e-12);
}

TEST(FrechetDistance, OfASetFromItselfIsNothingThoughItsCovarianceIsSingular) {
    const FeatureStatistics rows = of_rows({{1, 2, 3}, {4, 5, 7}});
    // An eigenvalue that is nothing but rounding, 1e-16 of the others, has a root of 1e-8.
    EXPECT_NEAR(frechet_distance(rows, rows).distance, 0, 1e-6);
}

TEST(FrechetDistance, DoesNotDependOnWhichSetIsFirst) {
    const FeatureStatistics a = of_rows({{1, 2}, {4, 1}, {0, 3}}), b = of_rows({{2, 2}, {2, 5}, {7, 1}});
    EXPECT_NEAR(frechet_distance(a, b).distance, frechet_distance(b, a).distance, 1e-9);
    EXPECT_GT(frechet_distance(a, b).distance, 1);
}

TEST(FrechetDistance, GathersBothSidesOfFaces) {
    FrechetOptions options;
    options.network = "a network";
    FrechetDistance metric(options);
    const std::vector<std::vector<float>> hr{{1}, {3}}, sr{{10}, {14}};
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_TRUE(std::isnan(metric.value())) << "of " << i << " faces";
        Judged face;
        face.features_of_hr = hr[i], face.features_of_sr = sr[i];
        metric.add(face);
    }
    EXPECT_NEAR(metric.value(), 102, 1e-12);
    EXPECT_EQ(metric.details()["network"], "a network");
    EXPECT_FALSE(metric.details()["singular"].get<bool>());
    EXPECT_THROW(metric.add({}), Bug);
}

}  // namespace
}  // namespace affectsr
