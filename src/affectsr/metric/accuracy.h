// Accuracy: the share of faces answered rightly.
#pragma once

#include <span>

#include "affectsr/metric/confusion.h"

namespace affectsr {

/// Correct answers over all faces, those without an answer included; NaN for no faces.
double accuracy(const ConfusionMatrix& matrix);

/// Whether `truth` is among the `top` most probable classes; of equals the first counts first. False for a truth that
/// is not a class. Throws Bug for top < 1.
bool in_top(std::span<const double> probability, int truth, int top);

struct AccuracyOptions : ClassOptions {
    int top = 1;  ///< right if the truth is among so many of the most probable
    void fields(auto&& f) {
        ClassOptions::fields(f);
        f("top", top, "right if the truth is among so many most probable", Range{1, 8});
    }
};

/// The share of all faces that are answered rightly; an unanswered face is a miss.
class Accuracy : public ConfusionMetric {
 public:
    explicit Accuracy(const AccuracyOptions& options) : ConfusionMetric(options), top_(options.top) {}
    MetricCard card() const override;
    void add(const Judged& face) override;
    double value() const override;

 private:
    int top_;
    std::int64_t hits_ = 0;
};

}  // namespace affectsr
