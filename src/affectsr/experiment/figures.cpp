#include "affectsr/experiment/figures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "affectsr/base/random.h"
#include "affectsr/metric/accuracy.h"
#include "affectsr/metric/balanced_accuracy.h"
#include "affectsr/metric/calibration.h"
#include "affectsr/metric/f1.h"
#include "affectsr/metric/kappa.h"

namespace affectsr {

namespace {

Json number_or_null(double value) {
    return std::isfinite(value) ? Json(value) : Json();
}

double share(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole)
                     : std::numeric_limits<double>::quiet_NaN();
}

Json by_class(const ConfusionMatrix& matrix) {
    Json classes = Json::object();
    for (int c = 0; c < matrix.truths(); ++c) {
        Json& one = classes[name_of(static_cast<Emotion>(c))];
        one["n"] = matrix.truth_total(c);
        one["recall"] = matrix.truth_total(c) > 0 ? Json(matrix.recall(c)) : Json();
        if (c >= matrix.answers()) continue;
        one["precision"] = matrix.answer_total(c) > 0 ? Json(matrix.precision(c)) : Json();
        one["f1"] = matrix.truth_total(c) + matrix.answer_total(c) > 0 ? Json(matrix.f1(c)) : Json();
    }
    return classes;
}

void put_calibration(std::span<const Verdict> verdicts, Json& row) {
    Reliability reliability;
    for (const Verdict& verdict : verdicts) {
        if (verdict.answer.empty()) continue;
        reliability.add(static_cast<double>(verdict.answer.confidence()), verdict.answer.best() == verdict.truth);
    }
    row["ece"] = number_or_null(reliability.expected_error());
    row["mce"] = number_or_null(reliability.largest_error());
    row["mean_confidence"] = number_or_null(reliability.mean_confidence());
}

}  // namespace

Interval bootstrap_share(std::int64_t right, std::int64_t count, std::uint64_t seed, int resamples) {
    AFFECTSR_EXPECT(right >= 0 && right <= count && resamples >= 1, "a share of at most all faces");
    if (count == 0) return {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
    std::mt19937_64 random(seed);
    std::vector<double> shares;
    for (int r = 0; r < resamples; ++r) {
        std::int64_t hits = 0;
        // Drawing a face and asking whether it is right is asking whether its number lies among the right ones.
        for (std::int64_t i = 0; i < count; ++i) {
            hits += uniform01(random) * static_cast<double>(count) < static_cast<double>(right);
        }
        shares.push_back(share(hits, count));
    }
    std::sort(shares.begin(), shares.end());
    const auto at = [&](double quantile) {
        return shares[static_cast<std::size_t>(std::lround(quantile * static_cast<double>(resamples - 1)))];
    };
    return {at(0.025), at(0.975)};
}

ConfusionMatrix confusion_of(std::span<const Verdict> verdicts) {
    int truths = kExpressionClasses, answers = kExpressionClasses;
    for (const Verdict& verdict : verdicts) {
        truths = std::max(truths, static_cast<int>(verdict.truth) + 1);
        for (const Emotion label : verdict.answer.labels) answers = std::max(answers, static_cast<int>(label) + 1);
    }
    ConfusionMatrix matrix(std::max(truths, answers), answers);
    for (const Verdict& verdict : verdicts) {
        const int truth = static_cast<int>(verdict.truth);
        if (verdict.answer.empty())
            matrix.add_unanswered(truth);
        else
            matrix.add(truth, static_cast<int>(verdict.answer.best()));
    }
    return matrix;
}

Json figures_of(std::span<const Verdict> verdicts, std::uint64_t seed) {
    const ConfusionMatrix matrix = confusion_of(verdicts);
    const std::int64_t n = matrix.total();
    std::int64_t found = 0, failed = 0;
    std::map<std::string, std::int64_t> reasons;
    for (const Verdict& verdict : verdicts) {
        found += !verdict.answer.empty();
        failed += verdict.failed;
        if (verdict.answer.empty()) ++reasons[verdict.reason];
    }
    const Interval interval = bootstrap_share(matrix.correct(), n, seed);
    Json row = {{"n", n},
                {"found", found},
                {"undetermined", n - found - failed},
                {"failed", failed},
                {"accuracy", number_or_null(accuracy(matrix))},
                {"accuracy_low", number_or_null(interval.low)},
                {"accuracy_high", number_or_null(interval.high)},
                {"coverage", number_or_null(share(found, n))},
                {"accuracy_found", number_or_null(share(matrix.correct(), found))},
                {"macro_f1", number_or_null(f1(matrix, F1Average::all))},
                {"balanced_accuracy", number_or_null(balanced_accuracy(matrix))},
                {"kappa", number_or_null(kappa(matrix))}};
    put_calibration(verdicts, row);
    row["confusion"] = to_json(matrix);
    row["unanswered"] = Json::array();
    for (int t = 0; t < matrix.truths(); ++t) row["unanswered"].push_back(matrix.unanswered(t));
    row["by_class"] = by_class(matrix);
    row["reasons"] = Json::object();
    for (const auto& [reason, count] : reasons) row["reasons"][reason] = count;
    return row;
}

}  // namespace affectsr
