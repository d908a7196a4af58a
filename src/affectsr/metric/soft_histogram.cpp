#include "affectsr/metric/soft_histogram.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

/// A bin's share of a value, and its derivative by the value.
struct Share {
    double value = 0, slope = 0;
};

Share sigmoid(double x) {
    const double s = 1 / (1 + std::exp(-x));
    return {s, s * (1 - s)};
}

Share share_of(double x, int bin, const SoftHistogramOptions& options) {
    if (options.kernel == "triangular") {
        const double nodes = options.bins - 1, off = x * nodes - bin;
        if (std::abs(off) >= 1) return {};
        return {1 - std::abs(off), off > 0 ? -nodes : off < 0 ? nodes : 0};
    }
    const double tau = options.softness / options.bins;
    const Share low = sigmoid((x - static_cast<double>(bin) / options.bins) / tau);
    const Share high = sigmoid((x - static_cast<double>(bin + 1) / options.bins) / tau);
    return {low.value - high.value, (low.slope - high.slope) / tau};
}

}  // namespace

std::vector<double> soft_histogram(std::span<const float> probability, int classes,
                                   const SoftHistogramOptions& options) {
    detail::check_word("kernel", options.kernel, {"triangular", "sigmoid"});
    AFFECTSR_EXPECT(classes >= 1 && !probability.empty() && probability.size() % static_cast<std::size_t>(classes) == 0,
                    "whole rows of probabilities");
    const std::size_t width = static_cast<std::size_t>(classes), bins = static_cast<std::size_t>(options.bins);
    const auto faces = static_cast<double>(probability.size() / width);
    std::vector<double> histogram(width * bins);
    for (std::size_t i = 0; i < probability.size(); ++i) {
        const auto x = static_cast<double>(probability[i]);
        for (int bin = 0; bin < options.bins; ++bin)
            histogram[i % width * bins + static_cast<std::size_t>(bin)] += share_of(x, bin, options).value / faces;
    }
    return histogram;
}

double soft_histogram_distance(std::span<const float> sr, std::span<const float> hr, int classes,
                               const SoftHistogramOptions& options, std::vector<double>* gradient) {
    const std::vector<double> of_sr = soft_histogram(sr, classes, options),
                              of_hr = soft_histogram(hr, classes, options);
    double sum = 0;
    for (std::size_t i = 0; i < of_sr.size(); ++i) sum += (of_sr[i] - of_hr[i]) * (of_sr[i] - of_hr[i]);
    if (gradient == nullptr) return sum;
    const std::size_t width = static_cast<std::size_t>(classes), bins = static_cast<std::size_t>(options.bins);
    const auto faces = static_cast<double>(sr.size() / width);
    gradient->assign(sr.size(), 0);
    for (std::size_t i = 0; i < sr.size(); ++i) {
        for (int bin = 0; bin < options.bins; ++bin) {
            const std::size_t at = i % width * bins + static_cast<std::size_t>(bin);
            const double slope = share_of(static_cast<double>(sr[i]), bin, options).slope;
            (*gradient)[i] += 2 * (of_sr[at] - of_hr[at]) * slope / faces;
        }
    }
    return sum;
}

}  // namespace affectsr
