#include "affectsr/experiment/temperature_fit.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "affectsr/base/error.h"
#include "affectsr/metric/calibration.h"

namespace affectsr {

namespace {

std::array<double, kExpressionClasses> at_temperature(const RawAnswer& answer, double temperature) {
    std::array<double, kExpressionClasses> probability{};
    const double largest = *std::max_element(answer.log_probability.begin(), answer.log_probability.end());
    double sum = 0;
    for (std::size_t c = 0; c < probability.size(); ++c)
        sum += probability[c] = std::exp((answer.log_probability[c] - largest) / temperature);
    for (double& p : probability) p /= sum;
    return probability;
}

/// The temperature on [0.2, 5] of least loss, by golden-section search.
double least_loss(const std::function<double(double)>& loss) {
    constexpr double kGolden = 0.6180339887498949;
    double low = std::log(0.2), high = std::log(5.0);
    for (int i = 0; i < 32; ++i) {
        const double a = high - kGolden * (high - low), b = low + kGolden * (high - low);
        if (loss(std::exp(a)) < loss(std::exp(b)))
            high = b;
        else
            low = a;
    }
    return std::exp((low + high) / 2);
}

}  // namespace

double likelihood_loss(std::span<const RawAnswer> answers, double temperature) {
    double sum = 0;
    for (const RawAnswer& answer : answers) sum += log_loss(at_temperature(answer, temperature), answer.truth);
    return sum / static_cast<double>(answers.size());
}

double calibration_error(std::span<const RawAnswer> answers, double temperature) {
    Reliability reliability;
    for (const RawAnswer& answer : answers) {
        const auto probability = at_temperature(answer, temperature);
        const auto best = std::max_element(probability.begin(), probability.end());
        reliability.add(*best, best - probability.begin() == answer.truth);
    }
    return reliability.expected_error();
}

double accuracy(std::span<const RawAnswer> answers) {
    const auto right = std::count_if(answers.begin(), answers.end(), [](const RawAnswer& answer) {
        const auto& p = answer.log_probability;
        return std::max_element(p.begin(), p.end()) - p.begin() == answer.truth;
    });
    return static_cast<double>(right) / static_cast<double>(answers.size());
}

double fit_temperature(std::span<const RawAnswer> answers) {
    AFFECTSR_EXPECT(!answers.empty(), "a temperature is fitted to answers");
    return least_loss([&](double temperature) { return likelihood_loss(answers, temperature); });
}

std::vector<TemperatureBySize::Point> fit_line(std::span<const SizedAnswers> sizes) {
    AFFECTSR_EXPECT(sizes.size() > 1, "a line is fitted to two sizes or more");
    constexpr int kMostRounds = 20;
    constexpr double kEnough = 1e-5;
    const double low_px = sizes.front().size_px, high_px = sizes.back().size_px;
    const auto loss = [&](double low, double high) {
        const TemperatureBySize line({{low_px, low}, {high_px, high}});
        double sum = 0;
        for (const SizedAnswers& size : sizes) sum += likelihood_loss(size.answers, line.at(size.size_px));
        return sum;
    };
    // One end after the other: each moves mostly the sizes near it, so a few rounds settle both.
    double low = 1, high = 1;
    for (int round = 0; round < kMostRounds; ++round) {
        const double low_before = low, high_before = high;
        low = least_loss([&](double temperature) { return loss(temperature, high); });
        high = least_loss([&](double temperature) { return loss(low, temperature); });
        if (std::abs(low - low_before) < kEnough && std::abs(high - high_before) < kEnough) break;
    }
    return {{low_px, low}, {high_px, high}};
}

}  // namespace affectsr
