#include "affectsr/classify/covpool.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "affectsr/base/error.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/plan/fit.h"

namespace affectsr {
namespace {

CovpoolOptions small() {
    CovpoolOptions options;
    options.input_px = 32, options.width = 8, options.hidden = 24, options.features = 16;
    return options;
}

std::vector<float> face(int px) {
    std::vector<float> values(static_cast<std::size_t>(3 * px * px));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i * 37 % 251) / 251;
    return values;
}

TEST(Covpool, HasThePublishedParametersAndTheScalesOfItsNorms) {
    constexpr int kScales = 64 + 96 + 128 + 128 + 256 + 256 + 2000 + 128 + 7;
    EXPECT_EQ(covpool_plan({}).parameter_count(), 34'260'591 + kScales);
    CovpoolOptions slim;
    slim.slim = true;
    EXPECT_EQ(covpool_plan(slim).parameter_count(), 34'260'591 + kScales - 2000 * 128 * 127 / 2);
}

TEST(Covpool, TakesWeightsWithoutScalesAsThePublishedOnesAre) {
    const ExpressionNetwork network = covpool(small());
    TensorMap published = first_weights(network.plan, 3);
    std::erase_if(published, [](const auto& one) { return one.first.ends_with(".bn.weight"); });
    published["bimap"] = published.at("bimap.weight");
    published.erase("bimap.weight");
    const TensorMap ours = network.renamed(published);
    EXPECT_NO_THROW(expect_fit(network.plan, ours, "a test"));
    EXPECT_EQ(ours.at("conv2.bn.weight").floats(), std::vector<float>(12, 1));
    const TensorMap kept = network.renamed(first_weights(network.plan, 3));
    EXPECT_NO_THROW(expect_fit(network.plan, kept, "our own names"));
}

TEST(Covpool, KeepsScalesThatWereLearned) {
    const ExpressionNetwork network = covpool(small());
    TensorMap learned = first_weights(network.plan, 3);
    learned["conv2.bn.weight"] = HostTensor::from_floats(std::vector<float>(12, 0.5f), {12});
    EXPECT_EQ(network.renamed(learned).at("conv2.bn.weight").floats(), std::vector<float>(12, 0.5f));
}

TEST(Covpool, SeesAPictureWhateverItsBrightnessAndContrast) {
    Plan plan = covpool_plan(small());
    plan.output_mark("prewhitened");
    const PlanEngine engine(plan, first_weights(plan, 1), Precision::f32);
    std::vector<float> bright = face(32), dark = bright, of_bright(bright.size()), of_dark(bright.size());
    for (float& value : dark) value = 0.25f * value + 0.1f;
    engine.run({1, 32, 32}, bright, {{"prewhitened", of_bright}});
    engine.run({1, 32, 32}, dark, {{"prewhitened", of_dark}});
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < of_bright.size(); ++i) {
        EXPECT_NEAR(of_bright[i], of_dark[i], 1e-4);
        sum += static_cast<double>(of_bright[i]);
        squares += static_cast<double>(of_bright[i]) * static_cast<double>(of_bright[i]);
    }
    EXPECT_NEAR(sum / static_cast<double>(of_bright.size()), 0, 1e-5);
    EXPECT_NEAR(squares / static_cast<double>(of_bright.size()), 1, 1e-4);
}

TEST(Covpool, APictureOfOneColourIsNoDivisionByZero) {
    const Plan plan = covpool_plan(small());
    const PlanEngine engine(plan, first_weights(plan, 1), Precision::f32);
    const std::vector<float> grey(std::size_t{3} * 32 * 32, 0.5f);
    std::vector<float> logits(7);
    engine.run({1, 32, 32}, grey, {{"expression", logits}});
    for (const float logit : logits) EXPECT_TRUE(std::isfinite(logit));
}

TEST(Covpool, OfHalfItsMatrixAnswersAsOfTheWhole) {
    CovpoolOptions options = small();
    const Plan whole = covpool_plan(options);
    options.slim = true;
    const Plan slim = covpool_plan(options);
    TensorMap weights = first_weights(slim, 1);
    // A pair of mirrored elements shares the weight of the one that the slim network sees.
    constexpr int kSide = 16, kSeen = kSide * (kSide + 1) / 2;
    const std::vector<float> seen = weights.at("fc1.fc.weight").floats();
    std::vector<float> all(24 * kSide * kSide);
    for (int out = 0, at = 0; out < 24; ++out)
        for (int row = 0; row < kSide; ++row)
            for (int column = row; column < kSide; ++column, ++at) {
                const float weight = seen[static_cast<std::size_t>(at)] / (row == column ? 1 : 2);
                all[static_cast<std::size_t>((out * kSide + row) * kSide + column)] = weight;
                all[static_cast<std::size_t>((out * kSide + column) * kSide + row)] = weight;
            }
    ASSERT_EQ(seen.size(), static_cast<std::size_t>(24 * kSeen));
    std::vector<float> by_slim(7), by_whole(7);
    PlanEngine(slim, weights, Precision::f32).run({1, 32, 32}, face(32), {{"expression", by_slim}});
    weights["fc1.fc.weight"] = HostTensor::from_floats(all, {24, kSide * kSide});
    PlanEngine(whole, weights, Precision::f32).run({1, 32, 32}, face(32), {{"expression", by_whole}});
    for (std::size_t i = 0; i < 7; ++i) EXPECT_NEAR(by_slim[i], by_whole[i], 1e-4);
}

TEST(Covpool, RefusesAWidthThatHasNoHalf) {
    CovpoolOptions options;
    options.width = 9;
    EXPECT_THROW(covpool_plan(options), UsageError);
}

}  // namespace
}  // namespace affectsr
