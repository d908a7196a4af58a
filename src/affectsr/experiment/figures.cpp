#include "affectsr/experiment/figures.h"

#include <algorithm>
#include <map>
#include <memory>

#include "affectsr/metric/bootstrap.h"
#include "affectsr/metric/catalog.h"

namespace affectsr {

namespace {

/// A measure of the catalog, added up for one row.
class CatalogMeasure {
 public:
    CatalogMeasure(const std::string& name, const Json& options)
        : metric_(find(metric_catalog(), name, "metric").make(options)) {}
    void add(const Judged& face) { metric_->add(face); }
    Json value() const { return measure_to_json(metric_->value()); }
    Json detail(const char* key) const { return metric_->details().at(key); }

 private:
    std::unique_ptr<Metric> metric_;
};

/// Every measure that a row is made of.
struct RowMeasures {
    explicit RowMeasures(int classes)
        : accuracy("accuracy", {{"classes", classes}}),
          macro_f1("f1", {{"classes", classes}, {"average", "seen"}}),
          balanced_accuracy("balanced_accuracy", {{"classes", classes}}),
          kappa("kappa", {{"classes", classes}}),
          calibration("calibration", Json::object()),
          confusion("confusion", {{"classes", classes}}) {}

    void add(const Judged& face) {
        for (CatalogMeasure* measured : {&accuracy, &macro_f1, &balanced_accuracy, &kappa, &calibration, &confusion})
            measured->add(face);
    }

    CatalogMeasure accuracy, macro_f1, balanced_accuracy, kappa, calibration, confusion;
};

RowMeasures measures_of(std::span<const Verdict> verdicts) {
    int classes = kExpressionClasses;
    for (const Verdict& verdict : verdicts) {
        for (const Emotion label : verdict.answer.labels) classes = std::max(classes, static_cast<int>(label) + 1);
    }
    RowMeasures measures(classes);
    Judged face;
    for (const Verdict& verdict : verdicts) {
        face.truth = verdict.truth;
        face.in_sr = verdict.answer;
        measures.add(face);
    }
    return measures;
}

Json share(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? Json(static_cast<double>(part) / static_cast<double>(whole)) : Json();
}

}  // namespace

Json figures_of(std::span<const Verdict> verdicts, std::uint64_t seed) {
    const RowMeasures measures = measures_of(verdicts);
    const auto n = static_cast<std::int64_t>(verdicts.size());
    const auto correct = measures.confusion.detail("correct").get<std::int64_t>();
    std::int64_t found = 0, failed = 0;
    std::map<std::string, std::int64_t> reasons;
    for (const Verdict& verdict : verdicts) {
        found += !verdict.answer.empty();
        failed += verdict.failed;
        if (verdict.answer.empty() || !verdict.reason.empty()) ++reasons[verdict.reason];
    }
    const Interval interval = bootstrap_share(correct, n, seed);
    const Json seen = measures.macro_f1.detail("classes");
    Json row = {{"n", n},
                {"found", found},
                {"undetermined", n - found - failed},
                {"failed", failed},
                {"accuracy", measures.accuracy.value()},
                {"accuracy_low", measure_to_json(interval.low)},
                {"accuracy_high", measure_to_json(interval.high)},
                {"coverage", share(found, n)},
                {"accuracy_found", share(correct, found)},
                {"macro_f1", measures.macro_f1.value()},
                {"macro_f1_classes", seen.size()},
                {"macro_f1_over", seen},
                {"balanced_accuracy", measures.balanced_accuracy.value()},
                {"balanced_accuracy_over", measures.balanced_accuracy.detail("classes")},
                {"kappa", measures.kappa.value()}};
    for (const char* key : {"ece", "mce", "mean_confidence"}) row[key] = measures.calibration.detail(key);
    for (const char* key : {"confusion", "unanswered", "by_class"}) row[key] = measures.confusion.detail(key);
    row["reasons"] = Json::object();
    for (const auto& [reason, count] : reasons) row["reasons"][reason] = count;
    return row;
}

}  // namespace affectsr
