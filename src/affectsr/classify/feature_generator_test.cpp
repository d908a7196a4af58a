#include "affectsr/classify/feature_generator.h"

#include <gtest/gtest.h>

#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

TEST(FeatureGenerator, HasThePublishedParameters) {
    FeatureGeneratorOptions options;
    EXPECT_EQ(feature_generator_plan(options).parameter_count(), 1'160'641);
    options.norm = false;
    EXPECT_EQ(feature_generator_plan(options).parameter_count(), 1'157'185);
}

TEST(FeatureGenerator, GivesAMatrixOfTheSameSide) {
    const Plan plan = feature_generator_plan({8, 4, 1, true});
    const PlanEngine engine(plan, first_weights(plan, 1), Precision::f32);
    std::vector<float> feature(20 * 20), made(20 * 20);
    for (std::size_t i = 0; i < feature.size(); ++i) feature[i] = static_cast<float>(i * 37 % 251) / 251;
    engine.run({1, 20, 20}, feature, {{"out", made}});
    EXPECT_NE(made, std::vector<float>(20 * 20));
    EXPECT_NE(made, feature);
}

}  // namespace
}  // namespace affectsr
