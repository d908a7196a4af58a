#include "affectsr/metric/ecm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace affectsr {

namespace {

constexpr double kLeastProbability = 1e-12;
constexpr double kNotDefined = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double entropy_nats(std::span<const float> probability) {
    double sum = 0;
    for (const float value : probability) {
        const auto p = static_cast<double>(value);
        sum -= p * std::log(std::max(p, kLeastProbability));
    }
    return sum;
}

ConfidenceHistograms::ConfidenceHistograms(int bins) : bins_(bins) {
    AFFECTSR_EXPECT(bins >= 1, "a histogram has bins");
}

void ConfidenceHistograms::add(std::span<const float> probability) {
    const auto bins = static_cast<std::size_t>(bins_);
    if (counts_.empty()) counts_.assign(probability.size() * bins, 0);
    AFFECTSR_EXPECT(counts_.size() == probability.size() * bins, "every face has the same classes");
    for (std::size_t c = 0; c < probability.size(); ++c) {
        const double place = std::floor(std::clamp(static_cast<double>(probability[c]), 0.0, 1.0) * bins_);
        ++counts_[c * bins + std::min(static_cast<std::size_t>(place), bins - 1)];
    }
    ++faces_;
}

Ecm::Ecm(const EcmOptions& options) : options_(options), in_hr_(options.bins), in_sr_(options.bins) {
    detail::check_word("histogram", options.histogram, {"density", "share", "count"});
    detail::check_word("logarithm", options.logarithm, {"natural", "decimal"});
    detail::check_word("entropy", options.entropy, {"nats", "bits"});
}

MetricCard Ecm::card() const {
    return {.name = "ecm",
            .unit = "",
            .source = "AffectSRNet, sec. III-A",
            .higher_is_better = false,
            .needs_expressions = true};
}

void Ecm::add(const Judged& face) {
    if (face.in_hr.empty() || face.in_sr.empty()) {
        ++unread_;
        return;
    }
    if (labels_.empty()) labels_ = face.in_hr.labels;
    AFFECTSR_EXPECT(face.in_hr.labels == labels_ && face.in_sr.labels == labels_, "one judge with one list of labels");
    in_hr_.add(face.in_hr.probability);
    in_sr_.add(face.in_sr.probability);
    change_sum_ += std::abs(entropy_nats(face.in_hr.probability) - entropy_nats(face.in_sr.probability));
}

std::vector<double> Ecm::class_distances() const {
    const auto bins = static_cast<std::size_t>(options_.bins);
    const auto faces = static_cast<double>(in_hr_.faces());
    const double scale = options_.histogram == "count"   ? 1
                         : options_.histogram == "share" ? 1 / faces
                                                         : options_.bins / faces;
    std::vector<double> distances(static_cast<std::size_t>(in_hr_.classes()));
    for (std::size_t i = 0; i < in_hr_.counts().size(); ++i) {
        const double difference = scale * static_cast<double>(in_hr_.counts()[i] - in_sr_.counts()[i]);
        distances[i / bins] += difference * difference;
    }
    return distances;
}

double Ecm::histogram_distance() const {
    if (in_hr_.faces() == 0) return kNotDefined;
    const std::vector<double> distances = class_distances();
    return std::accumulate(distances.begin(), distances.end(), 0.0);
}

double Ecm::entropy_change() const {
    if (in_hr_.faces() == 0) return kNotDefined;
    const double unit = options_.entropy == "bits" ? std::numbers::ln2 : 1;
    return change_sum_ / static_cast<double>(in_hr_.faces()) / unit;
}

double Ecm::value() const {
    if (in_hr_.faces() == 0) return kNotDefined;
    const double change = std::max(entropy_change(), options_.epsilon);
    return options_.alpha * histogram_distance() +
           (options_.logarithm == "decimal" ? std::log10(change) : std::log(change));
}

Json Ecm::details() const {
    Json by_class = Json::object();
    const std::vector<double> distances = class_distances();
    for (std::size_t c = 0; c < distances.size(); ++c) by_class[name_of(labels_[c])] = distances[c];
    return {{"faces", in_hr_.faces()},
            {"unread", unread_},
            {"l_h", measure_to_json(histogram_distance())},
            {"l_conf", measure_to_json(entropy_change())},
            {"floored", in_hr_.faces() > 0 && entropy_change() < options_.epsilon},
            {"by_class", by_class},
            {"conventions", affectsr::to_json(options_)}};
}

}  // namespace affectsr
