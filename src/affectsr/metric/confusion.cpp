#include "affectsr/metric/confusion.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace affectsr {

namespace {

constexpr int kTruths = 8;  // the seven and contempt

double share(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(int truths, int answers) : answers_(answers) {
    AFFECTSR_EXPECT(answers >= 1 && answers <= truths, "a confusion matrix needs a row for every answer");
    counts_.assign(static_cast<std::size_t>(truths) * static_cast<std::size_t>(answers), 0);
    unanswered_.assign(static_cast<std::size_t>(truths), 0);
}

void ConfusionMatrix::add(int truth, int answer) {
    AFFECTSR_EXPECT(truth >= 0 && truth < truths() && answer >= 0 && answer < answers_,
                    "truth " + std::to_string(truth) + ", answer " + std::to_string(answer));
    ++counts_[static_cast<std::size_t>(truth) * answers_ + answer];
}

void ConfusionMatrix::add_unanswered(int truth) {
    AFFECTSR_EXPECT(truth >= 0 && truth < truths(), "truth " + std::to_string(truth));
    ++unanswered_[truth];
}

std::int64_t ConfusionMatrix::at(int truth, int answer) const {
    AFFECTSR_EXPECT(truth >= 0 && truth < truths() && answer >= 0 && answer < answers_,
                    "truth " + std::to_string(truth) + ", answer " + std::to_string(answer));
    return counts_[static_cast<std::size_t>(truth) * answers_ + answer];
}

std::int64_t ConfusionMatrix::truth_total(int truth) const {
    std::int64_t sum = unanswered(truth);
    for (int a = 0; a < answers_; ++a) sum += at(truth, a);
    return sum;
}

std::int64_t ConfusionMatrix::answer_total(int answer) const {
    std::int64_t sum = 0;
    for (int t = 0; t < truths(); ++t) sum += at(t, answer);
    return sum;
}

std::int64_t ConfusionMatrix::total() const {
    const std::int64_t none = 0;
    return std::accumulate(counts_.begin(), counts_.end(), none) +
           std::accumulate(unanswered_.begin(), unanswered_.end(), none);
}

std::int64_t ConfusionMatrix::correct() const {
    std::int64_t sum = 0;
    for (int c = 0; c < answers_; ++c) sum += at(c, c);
    return sum;
}

double ConfusionMatrix::recall(int truth) const {
    return truth < answers_ ? share(at(truth, truth), truth_total(truth)) : 0;
}

double ConfusionMatrix::precision(int answer) const {
    return share(at(answer, answer), answer_total(answer));
}

double ConfusionMatrix::f1(int answer) const {
    return share(2 * at(answer, answer), truth_total(answer) + answer_total(answer));
}

ConfusionMatrix ConfusionMatrix::trimmed() const {
    int kept = truths();
    while (kept > answers_ && truth_total(kept - 1) == 0) --kept;
    ConfusionMatrix shorter(kept, answers_);
    std::copy_n(counts_.begin(), shorter.counts_.size(), shorter.counts_.begin());
    std::copy_n(unanswered_.begin(), shorter.unanswered_.size(), shorter.unanswered_.begin());
    return shorter;
}

Json to_json(const ConfusionMatrix& matrix) {
    Json rows = Json::array();
    for (int t = 0; t < matrix.truths(); ++t) {
        Json row = Json::array();
        for (int a = 0; a < matrix.answers(); ++a) row.push_back(matrix.at(t, a));
        rows.push_back(std::move(row));
    }
    return rows;
}

Json by_class(const ConfusionMatrix& matrix) {
    Json classes = Json::object();
    for (int c = 0; c < matrix.truths(); ++c) {
        Json& one = classes[name_of(static_cast<Emotion>(c))];
        one["n"] = matrix.truth_total(c);
        one["recall"] = matrix.truth_total(c) > 0 ? Json(matrix.recall(c)) : Json();
        if (c >= matrix.answers()) continue;
        one["precision"] = matrix.answer_total(c) > 0 ? Json(matrix.precision(c)) : Json();
        one["f1"] = matrix.seen(c) ? Json(matrix.f1(c)) : Json();
    }
    return classes;
}

Json class_names(const std::vector<int>& classes) {
    Json names = Json::array();
    for (const int c : classes) names.push_back(name_of(static_cast<Emotion>(c)));
    return names;
}

ConfusionMetric::ConfusionMetric(const ClassOptions& options) : matrix_(kTruths, options.classes) {}

void ConfusionMetric::add(const Judged& face) {
    AFFECTSR_EXPECT(face.truth.has_value(), "a classification metric needs the truth");
    const int truth = static_cast<int>(*face.truth);
    if (face.in_sr.empty())
        matrix_.add_unanswered(truth);
    else
        matrix_.add(truth, static_cast<int>(face.in_sr.best()));
}

Json ConfusionMetric::details() const {
    const ConfusionMatrix shown = matrix_.trimmed();
    Json truths = Json::array(), unanswered = Json::array();
    for (int t = 0; t < shown.truths(); ++t) {
        truths.push_back(name_of(static_cast<Emotion>(t)));
        unanswered.push_back(shown.unanswered(t));
    }
    return {{"n", shown.total()},          {"correct", shown.correct()}, {"truths", truths},
            {"confusion", to_json(shown)}, {"unanswered", unanswered},   {"by_class", by_class(shown)}};
}

MetricCard Confusion::card() const {
    return {.name = "confusion",
            .unit = "faces",
            .source = "rows: truth, columns: answer, in canonical order",
            .higher_is_better = true,
            .needs_truth = true};
}

}  // namespace affectsr
