// F1: the harmonic mean of precision and recall, averaged over the classes.
#pragma once

#include <string>

#include "affectsr/metric/confusion.h"

namespace affectsr {

/// How the classes' F1 are averaged; they differ when a class is missing.
enum class F1Average {
    all,       ///< mean over every answerable class; a class that never occurs counts 0
    seen,      ///< mean over the classes that occur as truth or as answer: scikit-learn's "macro"
    weighted,  ///< weighted by the truths of each class: scikit-learn's "weighted"
};

/// Averaged F1; NaN for no faces. Source: scikit-learn 1.2.1, f1_score with zero_division = 0.
double f1(const ConfusionMatrix& matrix, F1Average average);

struct F1Options : ClassOptions {
    std::string average = "all";
    void fields(auto&& f) {
        ClassOptions::fields(f);
        f("average", average, "over all classes, over those seen (scikit-learn's macro), or weighted by their faces",
          OneOf{{"all", "seen", "weighted"}});
    }
};

class F1 : public ConfusionMetric {
 public:
    /// Throws UsageError for an unknown average.
    explicit F1(const F1Options& options);
    MetricCard card() const override;
    double value() const override { return f1(matrix(), average_); }

 private:
    F1Average average_;
};

}  // namespace affectsr
