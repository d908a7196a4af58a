// Runs the reference's Fréchet distance (SciPy's matrix square root) on its stored features.
#include <array>

#include "affectsr/metric/frechet_distance.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

HostTensor scalar(double value) {
    return HostTensor::from_floats(std::array{static_cast<float>(value)}, {1});
}

/// The rows of [faces, features], and what is told of them under the name `set`.
FeatureStatistics gathered(const golden::Case& one, const std::string& set, golden::Outputs& outputs) {
    const std::vector<float> rows = one.input(set).floats();
    const std::int64_t d = one.input(set).shape().at(1);
    FeatureStatistics statistics;
    for (std::size_t i = 0; i < rows.size(); i += static_cast<std::size_t>(d))
        statistics.add(std::span(rows).subspan(i, static_cast<std::size_t>(d)));
    const std::vector<double> covariance = statistics.covariance();
    outputs["output.mu_" + set] =
        HostTensor::from_floats(std::vector<float>(statistics.mean().begin(), statistics.mean().end()), {d});
    outputs["output.sigma_" + set] =
        HostTensor::from_floats(std::vector<float>(covariance.begin(), covariance.end()), {d, d});
    return statistics;
}

golden::Outputs run(const golden::Case& one) {
    golden::Outputs outputs;
    const FeatureStatistics a = gathered(one, "a", outputs), b = gathered(one, "b", outputs);
    const FrechetParts parts = frechet_distance(a, b);
    outputs["output.distance"] = scalar(parts.distance);
    outputs["output.trace_sqrt"] = scalar(parts.trace_of_root);
    return outputs;
}

const bool kRegistered = golden::register_runner("frechet_distance", run);

}  // namespace
}  // namespace affectsr
