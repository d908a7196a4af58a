#include "affectsr/experiment/paired.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "affectsr/base/random.h"
#include "affectsr/metric/bootstrap.h"
#include "affectsr/metric/calibration.h"
#include "affectsr/metric/metric.h"

namespace affectsr {

namespace {

constexpr int kResamples = 1000;

bool is_right(const Verdict& verdict) {
    return !verdict.answer.empty() && verdict.answer.best() == verdict.truth;
}

bool answer_alike(const Verdict& a, const Verdict& b) {
    if (a.answer.empty() || b.answer.empty()) return a.answer.empty() == b.answer.empty();
    return a.answer.best() == b.answer.best();
}

void expect_same_faces(std::span<const Verdict> a, std::span<const Verdict> b) {
    AFFECTSR_EXPECT(a.size() == b.size(), "both readers read the same faces");
    for (std::size_t i = 0; i < a.size(); ++i)
        AFFECTSR_EXPECT(a[i].sample == b[i].sample, "both readers read the same faces");
}

/// What a resample needs of one face, read once.
struct PairedFace {
    bool right_a, right_b;
    float confidence_a, confidence_b;  ///< negative: no answer
};

double calibration_gap(const Reliability& a, const Reliability& b) {
    return b.expected_error() - a.expected_error();
}

/// The differences of one draw of faces.
struct Resampled {
    double accuracy, ece;
};

Resampled draw(const std::vector<PairedFace>& faces, std::mt19937_64& random) {
    std::int64_t difference = 0;
    Reliability a, b;
    for (std::size_t i = 0; i < faces.size(); ++i) {
        const auto drawn = static_cast<std::size_t>(uniform01(random) * static_cast<double>(faces.size()));
        const PairedFace& face = faces[std::min(drawn, faces.size() - 1)];
        difference += int{face.right_b} - int{face.right_a};
        if (face.confidence_a >= 0) a.add(static_cast<double>(face.confidence_a), face.right_a);
        if (face.confidence_b >= 0) b.add(static_cast<double>(face.confidence_b), face.right_b);
    }
    return {static_cast<double>(difference) / static_cast<double>(faces.size()), calibration_gap(a, b)};
}

Interval middle_of(std::vector<double> values) {
    std::erase_if(values, [](double value) { return !std::isfinite(value); });  // a draw without answers has no ECE
    if (values.empty()) return {NAN, NAN};
    std::sort(values.begin(), values.end());
    const auto at = [&](double quantile) {
        return values[static_cast<std::size_t>(std::lround(quantile * static_cast<double>(values.size() - 1)))];
    };
    return {at(0.025), at(0.975)};
}

void add_differences(Json& row, const std::vector<PairedFace>& faces, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<double> accuracies, errors;
    for (int i = 0; i < kResamples && !faces.empty(); ++i) {
        const Resampled one = draw(faces, random);
        accuracies.push_back(one.accuracy);
        errors.push_back(one.ece);
    }
    const auto add = [&row](const std::string& name, Interval interval) {
        const Json &a = row[name + "_a"], &b = row[name + "_b"];
        const bool known = a.is_number() && b.is_number();
        row[name + "_difference"] = known ? Json(b.get<double>() - a.get<double>()) : Json();
        row[name + "_difference_low"] = measure_to_json(interval.low);
        row[name + "_difference_high"] = measure_to_json(interval.high);
    };
    add("accuracy", middle_of(std::move(accuracies)));
    add("ece", middle_of(std::move(errors)));
}

}  // namespace

double mcnemar(std::int64_t only_a, std::int64_t only_b) {
    AFFECTSR_EXPECT(only_a >= 0 && only_b >= 0, "counts of faces");
    const std::int64_t n = only_a + only_b, fewer = std::min(only_a, only_b);
    if (n == 0) return 1;
    // Sums of binomial probabilities, by their logarithms: 2^-n is no number for thousands of faces.
    double tail = 0;
    for (std::int64_t k = 0; k <= fewer; ++k)
        tail += std::exp(std::lgamma(static_cast<double>(n + 1)) - std::lgamma(static_cast<double>(k + 1)) -
                         std::lgamma(static_cast<double>(n - k + 1)) - static_cast<double>(n) * std::log(2.0));
    return std::min(1.0, 2 * tail);
}

Json flips_between(std::span<const Verdict> a, std::span<const Verdict> b) {
    expect_same_faces(a, b);
    std::int64_t n = 0, flips = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].answer.empty() || b[i].answer.empty()) continue;
        ++n;
        flips += a[i].answer.best() != b[i].answer.best();
    }
    Json rate;
    if (n > 0) rate = static_cast<double>(flips) / static_cast<double>(n);
    return {{"n", n}, {"flips", flips}, {"rate", rate}};
}

double mcnemar(std::span<const Verdict> a, std::span<const Verdict> b) {
    expect_same_faces(a, b);
    std::int64_t only_a = 0, only_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        only_a += is_right(a[i]) && !is_right(b[i]);
        only_b += is_right(b[i]) && !is_right(a[i]);
    }
    return mcnemar(only_a, only_b);
}

Json paired_figures(std::span<const Verdict> a, std::span<const Verdict> b, std::uint64_t seed) {
    expect_same_faces(a, b);
    std::vector<PairedFace> faces;
    std::int64_t both = 0, only_a = 0, only_b = 0, alike = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const bool right_a = is_right(a[i]), right_b = is_right(b[i]);
        both += right_a && right_b;
        only_a += right_a && !right_b;
        only_b += right_b && !right_a;
        alike += answer_alike(a[i], b[i]);
        faces.push_back({right_a, right_b, a[i].answer.empty() ? -1 : a[i].answer.confidence(),
                         b[i].answer.empty() ? -1 : b[i].answer.confidence()});
    }
    const Json of_a = figures_of(a, seed), of_b = figures_of(b, seed);
    const auto n = static_cast<std::int64_t>(a.size());
    Json row{{"n", n},
             {"accuracy_a", of_a["accuracy"]},
             {"accuracy_b", of_b["accuracy"]},
             {"both_right", both},
             {"only_a", only_a},
             {"only_b", only_b},
             {"neither", n - both - only_a - only_b},
             {"mcnemar_p", n > 0 ? Json(mcnemar(only_a, only_b)) : Json()},
             {"same_label", alike},
             {"ece_a", of_a["ece"]},
             {"ece_b", of_b["ece"]}};
    add_differences(row, faces, seed);
    row["a"] = of_a;
    row["b"] = of_b;
    return row;
}

}  // namespace affectsr
