// F1: the harmonic mean of precision and recall, averaged over the classes.
#pragma once

#include <string>
#include <vector>

#include "affectsr/metric/confusion.h"

namespace affectsr {

/// How the classes' F1 are averaged; they differ when a class is missing.
enum class F1Average {
    seen,      ///< mean over the answerable classes that occur as truth or as answer: scikit-learn's "macro"
    all,       ///< mean over every answerable class; one that never occurs counts 0, whatever the data set could show
    weighted,  ///< weighted by the truths of each class: scikit-learn's "weighted"
};

/// The classes that the mean is over, ascending.
std::vector<int> f1_classes(const ConfusionMatrix& matrix, F1Average average);
/// Averaged F1; NaN where there is no class to average. Source: scikit-learn 1.2.1, f1_score with zero_division = 0.
double f1(const ConfusionMatrix& matrix, F1Average average);

struct F1Options : ClassOptions {
    std::string average = "seen";
    void fields(auto&& f) {
        ClassOptions::fields(f);
        f("average", average, "over the classes seen (scikit-learn's macro), over all, or weighted by their faces",
          OneOf{{"seen", "all", "weighted"}});
    }
};

class F1 : public ConfusionMetric {
 public:
    /// Throws UsageError for an unknown average.
    explicit F1(const F1Options& options);
    MetricCard card() const override;
    double value() const override { return f1(matrix(), average_); }
    /// Those of ConfusionMetric, and "classes": the names of f1_classes().
    Json details() const override;

 private:
    F1Average average_;
};

}  // namespace affectsr
