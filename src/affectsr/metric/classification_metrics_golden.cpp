// Runs the reference's classification metrics (scikit-learn, and an independent calibration error) on its stored
// answers.
#include <algorithm>
#include <array>
#include <cmath>

#include "affectsr/metric/accuracy.h"
#include "affectsr/metric/balanced_accuracy.h"
#include "affectsr/metric/calibration.h"
#include "affectsr/metric/f1.h"
#include "affectsr/metric/kappa.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

HostTensor scalar(double value) {
    return HostTensor::from_floats(std::array{static_cast<float>(value)}, {1});
}

HostTensor vector_of(const std::vector<double>& values, std::vector<std::int64_t> shape) {
    return HostTensor::from_floats(std::vector<float>(values.begin(), values.end()), std::move(shape));
}

std::vector<double> softmax(std::span<const float> logits) {
    std::vector<double> probability;
    const auto largest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
    double sum = 0;
    for (const float logit : logits) sum += probability.emplace_back(std::exp(static_cast<double>(logit) - largest));
    for (double& p : probability) p /= sum;
    return probability;
}

// Everything that is counted over the samples.
struct Counted {
    ConfusionMatrix matrix;
    Reliability fifteen{15}, ten{10};
    double log_loss_sum = 0, brier_sum = 0, top2 = 0;
    double samples = 0;
};

Counted count(const std::vector<float>& logits, const std::vector<std::int64_t>& labels, int classes) {
    Counted counted{ConfusionMatrix(classes, classes)};
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const std::vector<double> p =
            softmax({&logits[i * static_cast<std::size_t>(classes)], static_cast<std::size_t>(classes)});
        const int truth = static_cast<int>(labels[i]);
        const auto best = std::max_element(p.begin(), p.end());
        const bool right = best - p.begin() == truth;
        counted.matrix.add(truth, static_cast<int>(best - p.begin()));
        counted.fifteen.add(*best, right);
        counted.ten.add(*best, right);
        counted.log_loss_sum += log_loss(p, truth);
        counted.brier_sum += brier_score(p, truth);
        counted.top2 += in_top(p, truth, 2);
        ++counted.samples;
    }
    return counted;
}

void put_classes(const ConfusionMatrix& matrix, golden::Outputs& outputs) {
    const int classes = matrix.answers();
    std::vector<double> counts, shares, precision, recall, f1s;
    for (int t = 0; t < classes; ++t) {
        for (int a = 0; a < classes; ++a) {
            counts.push_back(static_cast<double>(matrix.at(t, a)));
            shares.push_back(matrix.truth_total(t) > 0 ? counts.back() / static_cast<double>(matrix.truth_total(t))
                                                       : 0);
        }
        precision.push_back(matrix.precision(t));
        recall.push_back(matrix.recall(t));
        f1s.push_back(matrix.f1(t));
    }
    outputs["output.confusion"] = vector_of(counts, {classes, classes});
    outputs["output.confusion_row_normalised"] = vector_of(shares, {classes, classes});
    outputs["output.precision"] = vector_of(precision, {classes});
    outputs["output.recall"] = vector_of(recall, {classes});
    outputs["output.f1"] = vector_of(f1s, {classes});
}

void put_bins(const Reliability& reliability, golden::Outputs& outputs) {
    std::vector<double> accuracies, confidences, counts;
    for (const Reliability::Bin& bin : reliability.bins()) {
        accuracies.push_back(bin.accuracy);
        confidences.push_back(bin.confidence);
        counts.push_back(static_cast<double>(bin.answers));
    }
    outputs["output.ece15_bin_accuracy"] = vector_of(accuracies, {15});
    outputs["output.ece15_bin_confidence"] = vector_of(confidences, {15});
    outputs["output.ece15_bin_count"] = vector_of(counts, {15});
}

golden::Outputs run(const golden::Case& one) {
    const HostTensor& logits = one.input("logits");  // [n, classes]
    const Counted counted = count(logits.floats(), one.input("label").ints(), static_cast<int>(logits.shape().at(1)));
    golden::Outputs outputs;
    put_classes(counted.matrix, outputs);
    put_bins(counted.fifteen, outputs);
    outputs["output.accuracy"] = scalar(accuracy(counted.matrix));
    outputs["output.macro_f1_all"] = scalar(f1(counted.matrix, F1Average::all));
    outputs["output.macro_f1_sklearn"] = scalar(f1(counted.matrix, F1Average::seen));
    outputs["output.weighted_f1"] = scalar(f1(counted.matrix, F1Average::weighted));
    outputs["output.balanced_accuracy"] = scalar(balanced_accuracy(counted.matrix));
    outputs["output.cohen_kappa"] = scalar(kappa(counted.matrix));
    outputs["output.ece15"] = scalar(counted.fifteen.expected_error());
    outputs["output.mce15"] = scalar(counted.fifteen.largest_error());
    outputs["output.ece10"] = scalar(counted.ten.expected_error());
    outputs["output.nll"] = scalar(counted.log_loss_sum / counted.samples);
    outputs["output.brier"] = scalar(counted.brier_sum / counted.samples);
    outputs["output.top2_accuracy"] = scalar(counted.top2 / counted.samples);
    return outputs;
}

const bool kRegistered = golden::register_runner("classification_metrics", run);

}  // namespace
}  // namespace affectsr
