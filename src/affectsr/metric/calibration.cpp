#include "affectsr/metric/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace affectsr {

namespace {

double mean(double sum, std::int64_t count) {
    return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

Reliability::Reliability(int bins) {
    AFFECTSR_EXPECT(bins >= 1, "reliability needs a bin");
    sums_.resize(static_cast<std::size_t>(bins));
}

void Reliability::add(double confidence, bool right) {
    AFFECTSR_EXPECT(confidence >= 0, "a confidence from 0 to 1");  // NaN has no bin; rounding may give a little over 1
    const auto count = static_cast<double>(sums_.size());
    auto bin = static_cast<std::int64_t>(std::ceil(confidence * count)) - 1;
    bin = std::clamp<std::int64_t>(bin, 0, static_cast<std::int64_t>(sums_.size()) - 1);
    // The product may round across an edge; the edges i / bins decide.
    if (bin > 0 && confidence <= static_cast<double>(bin) / count)
        --bin;
    else if (bin + 1 < static_cast<std::int64_t>(sums_.size()) && confidence > static_cast<double>(bin + 1) / count)
        ++bin;
    Sum& sum = sums_[static_cast<std::size_t>(bin)];
    ++sum.answers;
    sum.right += right;
    sum.confidence += confidence;
    ++answers_;
}

std::vector<Reliability::Bin> Reliability::bins() const {
    std::vector<Bin> bins;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
        const auto count = static_cast<double>(sums_.size());
        Bin bin{static_cast<double>(i) / count, static_cast<double>(i + 1) / count, sums_[i].answers};
        if (bin.answers > 0) {
            bin.accuracy = static_cast<double>(sums_[i].right) / static_cast<double>(bin.answers);
            bin.confidence = sums_[i].confidence / static_cast<double>(bin.answers);
        }
        bins.push_back(bin);
    }
    return bins;
}

double Reliability::expected_error() const {
    double sum = 0;
    for (const Bin& bin : bins()) sum += static_cast<double>(bin.answers) * std::abs(bin.accuracy - bin.confidence);
    return mean(sum, answers_);
}

double Reliability::largest_error() const {
    double largest = answers_ > 0 ? 0 : std::numeric_limits<double>::quiet_NaN();
    for (const Bin& bin : bins()) {
        if (bin.answers > 0) largest = std::max(largest, std::abs(bin.accuracy - bin.confidence));
    }
    return largest;
}

double Reliability::mean_confidence() const {
    double sum = 0;
    for (const Sum& bin : sums_) sum += bin.confidence;
    return mean(sum, answers_);
}

double log_loss(std::span<const double> probability, int truth) {
    constexpr double kLeast = 1e-12;  // keeps one confident miss from making the mean infinite
    const bool known = truth >= 0 && truth < static_cast<int>(probability.size());
    return -std::log(std::max(known ? probability[truth] : 0.0, kLeast));
}

double brier_score(std::span<const double> probability, int truth) {
    double sum = truth >= 0 && truth < static_cast<int>(probability.size()) ? 0 : 1;
    for (int c = 0; c < static_cast<int>(probability.size()); ++c) {
        const double gap = probability[c] - (c == truth ? 1 : 0);
        sum += gap * gap;
    }
    return sum;
}

Calibration::Calibration(const CalibrationOptions& options) : options_(options), reliability_(options.bins) {}

MetricCard Calibration::card() const {
    return {.name = "calibration",
            .unit = "",
            .source = "Guo et al. 2017, arXiv:1706.04599",
            .higher_is_better = false,
            .needs_truth = true};
}

void Calibration::add(const Judged& face) {
    AFFECTSR_EXPECT(face.truth.has_value(), "calibration needs the truth");
    const Expression& answer = face.in_sr;
    if (answer.empty()) {
        ++unanswered_;
        return;
    }
    const auto label = std::find(answer.labels.begin(), answer.labels.end(), *face.truth);
    const int truth = label == answer.labels.end() ? -1 : static_cast<int>(label - answer.labels.begin());
    const std::vector<double> probability(answer.probability.begin(), answer.probability.end());
    reliability_.add(static_cast<double>(answer.confidence()), answer.best() == *face.truth);
    log_loss_ += log_loss(probability, truth);
    brier_ += brier_score(probability, truth);
}

double Calibration::value() const {
    if (options_.measure == "mce") return reliability_.largest_error();
    if (options_.measure == "nll") return mean(log_loss_, reliability_.answers());
    if (options_.measure == "brier") return mean(brier_, reliability_.answers());
    return reliability_.expected_error();
}

Json Calibration::details() const {
    Json bins = Json::array();
    for (const Reliability::Bin& bin : reliability_.bins()) {
        bins.push_back({{"low", bin.low},
                        {"high", bin.high},
                        {"answers", bin.answers},
                        {"accuracy", bin.accuracy},
                        {"confidence", bin.confidence}});
    }
    const std::int64_t answers = reliability_.answers();
    return {{"answers", answers},
            {"unanswered", unanswered_},
            {"ece", measure_to_json(reliability_.expected_error())},
            {"mce", measure_to_json(reliability_.largest_error())},
            {"nll", measure_to_json(mean(log_loss_, answers))},
            {"brier", measure_to_json(mean(brier_, answers))},
            {"mean_confidence", measure_to_json(reliability_.mean_confidence())},
            {"bins", bins}};
}

}  // namespace affectsr
