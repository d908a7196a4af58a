#include "affectsr/experiment/temperature_fit.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

/// Answers with logits (x, 0, …) of which the share `right` has the truth 0, the others the truth 1.
std::vector<RawAnswer> answers(double x, int right, int wrong) {
    RawAnswer answer;
    const double sum = std::exp(x) + kExpressionClasses - 1;
    answer.log_probability.fill(-std::log(sum));
    answer.log_probability[0] = x - std::log(sum);
    std::vector<RawAnswer> all(static_cast<std::size_t>(right), answer);
    answer.truth = 1;
    all.resize(all.size() + static_cast<std::size_t>(wrong), answer);
    return all;
}

TEST(TemperatureFit, TheTemperatureMakesConfidenceTheShareThatIsRight) {
    // With one logit x above six equal ones, likeliest is p = right / n, that is T = x / ln(6 p / (1 - p)).
    for (const auto& [right, wrong] : {std::pair{80, 20}, std::pair{60, 40}, std::pair{95, 5}}) {
        const double wanted = 4 / std::log(6.0 * right / wrong);
        EXPECT_NEAR(fit_temperature(answers(4, right, wrong)), wanted, 1e-3) << right;
    }
}

TEST(TemperatureFit, TheTemperatureStaysWithinItsBounds) {
    EXPECT_NEAR(fit_temperature(answers(1, 50, 0)), 0.2, 1e-3) << "all right: it cannot be sure enough";
    EXPECT_NEAR(fit_temperature(answers(30, 0, 50)), 5, 1e-2) << "all wrong: it cannot doubt enough";
}

TEST(TemperatureFit, ALineGoesThroughTheTemperaturesOfTwoSizes) {
    const std::vector<RawAnswer> small = answers(4, 60, 40), large = answers(4, 95, 5);
    const auto points = fit_line(std::vector<SizedAnswers>{{8, small}, {48, large}});
    ASSERT_EQ(points.size(), 2u);
    EXPECT_EQ(points[0].size_px, 8);
    EXPECT_NEAR(points[0].temperature, fit_temperature(small), 1e-3);
    EXPECT_EQ(points[1].size_px, 48);
    EXPECT_NEAR(points[1].temperature, fit_temperature(large), 1e-3);
}

TEST(TemperatureFit, ALineEvensOutWhatIsBetween) {
    const std::vector<RawAnswer> ends = answers(4, 80, 20), odd = answers(4, 70, 30);
    const auto points = fit_line(std::vector<SizedAnswers>{{8, ends}, {16, odd}, {32, ends}});
    EXPECT_NEAR(points[0].temperature, points[1].temperature, 1e-3) << "symmetric: a level line";
    EXPECT_GT(points[0].temperature, fit_temperature(ends));
    EXPECT_LT(points[0].temperature, fit_temperature(odd));
}

TEST(TemperatureFit, LossErrorAndAccuracyAreTheDefinitions) {
    const std::vector<RawAnswer> some = answers(4, 3, 1);
    const double p = std::exp(2.0) / (std::exp(2.0) + 6), q = 1 / (std::exp(2.0) + 6);  // at temperature 2
    EXPECT_NEAR(likelihood_loss(some, 2), -(3 * std::log(p) + std::log(q)) / 4, 1e-12);
    EXPECT_NEAR(calibration_error(some, 2), 0.75 - p, 1e-12);
    EXPECT_EQ(accuracy(some), 0.75);
}

}  // namespace
}  // namespace affectsr
