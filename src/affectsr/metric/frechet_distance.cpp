#include "affectsr/metric/frechet_distance.h"

#include <Eigen/Eigenvalues>
#include <limits>

namespace affectsr {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::MatrixXd matrix_of(const std::vector<double>& values, int side) {
    return Eigen::Map<const RowMajor>(values.data(), side, side);
}

/// tr √(A B) of two symmetric matrices without negative eigenvalues: A B has the eigenvalues of √A B √A, which is
/// symmetric, so that no complex number comes up.
double trace_of_root(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> of_a(a);
    const Eigen::VectorXd roots = of_a.eigenvalues().cwiseMax(0.0).cwiseSqrt();
    const Eigen::MatrixXd root = of_a.eigenvectors() * roots.asDiagonal() * of_a.eigenvectors().transpose();
    const Eigen::MatrixXd product = root * b * root;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> of_product(product, Eigen::EigenvaluesOnly);
    return of_product.eigenvalues().cwiseMax(0.0).cwiseSqrt().sum();
}

}  // namespace

void FeatureStatistics::add(std::span<const float> features) {
    const std::size_t d = features.size();
    if (count_ == 0) {
        mean_.assign(d, 0);
        spread_.assign(d * d, 0);
    }
    AFFECTSR_EXPECT(d > 0 && d == mean_.size(), "every face has the same features");
    ++count_;
    std::vector<double> before(d), after(d);  // the row's distance from the mean, before and after it counts there
    for (std::size_t i = 0; i < d; ++i) {
        before[i] = static_cast<double>(features[i]) - mean_[i];
        mean_[i] += before[i] / static_cast<double>(count_);
        after[i] = static_cast<double>(features[i]) - mean_[i];
    }
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < d; ++j) spread_[i * d + j] += before[i] * after[j];
}

std::vector<double> FeatureStatistics::covariance() const {
    AFFECTSR_EXPECT(count_ >= 2, "a covariance is of two rows or more");
    std::vector<double> values = spread_;
    for (double& value : values) value /= static_cast<double>(count_ - 1);
    return values;
}

FrechetParts frechet_distance(const FeatureStatistics& a, const FeatureStatistics& b) {
    AFFECTSR_EXPECT(a.dimensions() == b.dimensions(), "both sets have the same features");
    const Eigen::MatrixXd of_a = matrix_of(a.covariance(), a.dimensions());
    const Eigen::MatrixXd of_b = matrix_of(b.covariance(), b.dimensions());
    FrechetParts parts;
    for (std::size_t i = 0; i < a.mean().size(); ++i) {
        const double difference = a.mean()[i] - b.mean()[i];
        parts.squared_mean += difference * difference;
    }
    parts.traces = of_a.trace() + of_b.trace();
    parts.trace_of_root = trace_of_root(of_a, of_b);
    parts.distance = parts.squared_mean + parts.traces - 2 * parts.trace_of_root;
    return parts;
}

MetricCard FrechetDistance::card() const {
    return {.name = "frechet_distance",
            .unit = "",
            .source = "Heusel et al. 2017, arXiv:1706.08500, eq. 6",
            .higher_is_better = false,
            .needs_features = true};
}

void FrechetDistance::add(const Judged& face) {
    hr_.add(face.features_of_hr);
    sr_.add(face.features_of_sr);
}

double FrechetDistance::value() const {
    return hr_.count() < 2 ? std::numeric_limits<double>::quiet_NaN() : frechet_distance(hr_, sr_).distance;
}

Json FrechetDistance::details() const {
    Json told{{"network", options_.network},  {"faces", hr_.count()},
              {"features", hr_.dimensions()}, {"singular", hr_.count() <= hr_.dimensions()},
              {"squared_mean", nullptr},      {"trace_of_root", nullptr}};
    if (hr_.count() < 2) return told;
    const FrechetParts parts = frechet_distance(hr_, sr_);
    told["squared_mean"] = parts.squared_mean;
    told["trace_of_root"] = parts.trace_of_root;
    return told;
}

}  // namespace affectsr
