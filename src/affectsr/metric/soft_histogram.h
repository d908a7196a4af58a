// Histograms of confidence that can be differentiated, for a loss that stands in for ECM's.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"

namespace affectsr {

/// How a value is shared out between bins of [0, 1]; why: docs/adr/0021.
struct SoftHistogramOptions {
    int bins = 10;
    /// "triangular": nodes at j/(bins − 1), a value counts for its two neighbours by nearness (Ustinova & Lempitsky
    /// 2016, arXiv:1611.00822, eq. 2). "sigmoid": cells [j/bins, (j+1)/bins], the difference of two sigmoids.
    std::string kernel = "triangular";
    double softness = 0.1;  ///< of "sigmoid": the sigmoids' width, as a share of a cell
    void fields(auto&& f) {
        f("bins", bins, "equal bins of confidence", Range{2, 1000});
        f("kernel", kernel, "how a value is shared out", OneOf{{"triangular", "sigmoid"}});
        f("softness", softness, "width of the sigmoids as a share of a bin", Range{1e-4, 10});
    }
};

/// The mean over faces of every class's shares: `probability` is [faces, classes] row-major, 0–1, the result [classes,
/// bins]. Rows sum to 1, with "sigmoid" to slightly less. Throws Bug unless there are faces and whole rows, UsageError
/// for an unknown kernel.
std::vector<double> soft_histogram(std::span<const float> probability, int classes,
                                   const SoftHistogramOptions& options);

/// Σ over classes and bins of the squared difference of soft_histogram(sr) and soft_histogram(hr). Times bins² it has
/// the size of ECM's L_H of densities. If `gradient` is given: its derivative by every value of `sr` (same order).
double soft_histogram_distance(std::span<const float> sr, std::span<const float> hr, int classes,
                               const SoftHistogramOptions& options, std::vector<double>* gradient = nullptr);

}  // namespace affectsr
