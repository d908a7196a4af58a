#include "affectsr/engine/matrix_loops.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

#include "affectsr/base/error.h"
#include "affectsr/engine/cores.h"

namespace affectsr::engine {

namespace {

/// A picture's elements as they lie in memory, [positions, channels].
void read(const TypedBlock& from, std::size_t picture, double* to) {
    const auto count = static_cast<std::size_t>(from.shape.count());
    const auto convert = [&](const auto* elements) {
        for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<double>(to_float(elements[picture * count + i]));
    };
    from.bf16 ? convert(reinterpret_cast<const Bf16*>(from.data)) : convert(reinterpret_cast<const float*>(from.data));
}

void write(const TypedBlock& to, std::size_t picture, const double* from) {
    const auto count = static_cast<std::size_t>(to.shape.count());
    const auto convert = [&]<class E>(E* elements) {
        for (std::size_t i = 0; i < count; ++i)
            elements[picture * count + i] = from_float<E>(static_cast<float>(from[i]));
    };
    to.bf16 ? convert(reinterpret_cast<Bf16*>(to.data)) : convert(reinterpret_cast<float*>(to.data));
}

/// `features` [positions, channels] are centred in place; `made` is [channels, channels].
void covariance(double* features, std::size_t positions, std::size_t channels, double ridge, double* made) {
    std::fill_n(made, channels, 0.0);  // the means, until they are taken off
    for (std::size_t p = 0; p < positions; ++p)
        for (std::size_t c = 0; c < channels; ++c) made[c] += features[p * channels + c];
    for (std::size_t p = 0; p < positions; ++p)
        for (std::size_t c = 0; c < channels; ++c)
            features[p * channels + c] -= made[c] / static_cast<double>(positions);
    transposed_product(made, features, features, positions, channels, channels, true);
    for (std::size_t i = 0; i < channels * channels; ++i) made[i] /= static_cast<double>(positions - 1);
    double trace = 0;
    for (std::size_t c = 0; c < channels; ++c) trace += made[c * (channels + 1)];
    for (std::size_t c = 0; c < channels; ++c) made[c * (channels + 1)] += ridge * trace;
}

/// `x` is taken for the matrix that it is symmetrically; `scratch` has as many elements.
void map_eigenvalues(double* x, std::size_t side, const step::MapEigenvalues& map, double* scratch, double* made) {
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const auto size = static_cast<Eigen::Index>(side);
    const Eigen::Map<const RowMajor> given(x, size, size);
    const bool finite = given.allFinite();
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
    if (finite) solver.compute((given + given.transpose()) / 2);
    if (!finite || solver.info() != Eigen::Success) {
        std::fill_n(made, side * side, std::numeric_limits<double>::quiet_NaN());
        return;
    }
    // Eigen has columns one after the other: row k of what lies in memory is eigenvector k.
    const double* const vectors = solver.eigenvectors().data();
    for (std::size_t k = 0; k < side; ++k) {
        double value = std::clamp(solver.eigenvalues()[static_cast<Eigen::Index>(k)], map.least, map.most);
        if (map.logarithm) value = std::log(value);
        for (std::size_t i = 0; i < side; ++i) scratch[k * side + i] = value * vectors[k * side + i];
    }
    transposed_product(made, scratch, vectors, side, side, side, true);
}

/// For every picture: reads it, lets `work` make the result of it, and writes that. `work` may change what was read;
/// its third argument are `spare` doubles.
template <class Work>
std::function<void()> for_each_picture(const TypedBlock& source, const TypedBlock& result, std::byte* scratch,
                                       std::size_t spare, int threads, Work work) {
    return [=, work = std::move(work)] {
        const auto in = static_cast<std::size_t>(source.shape.count());
        const auto out = static_cast<std::size_t>(result.shape.count());
        spread(threads, static_cast<std::size_t>(source.count), [&](std::size_t begin, std::size_t end) {
            for (std::size_t n = begin; n < end; ++n) {
                double* const x = reinterpret_cast<double*>(scratch) + n * (in + out + spare);
                read(source, n, x);
                work(x, x + in, x + in + out);
                write(result, n, x + in);
            }
        });
    };
}

/// Doubles that a step wants for a picture beside what it reads and makes.
std::size_t spare_of(const Step& s, const ValueShape& source) {
    const auto side = static_cast<std::size_t>(source.width);
    if (const auto* congruence = s.as<step::Congruence>()) return side * static_cast<std::size_t>(congruence->to);
    return s.is<step::MapEigenvalues>() ? side * side : 0;
}

}  // namespace

std::size_t matrix_scratch(const Step& step, const ValueShape& source, const ValueShape& result, int pictures) {
    const std::size_t of_picture =
        static_cast<std::size_t>(source.count()) + static_cast<std::size_t>(result.count()) + spare_of(step, source);
    return static_cast<std::size_t>(pictures) * of_picture * sizeof(double);
}

std::function<void()> matrix_call(const Step& step, const Weights& weights, const TypedBlock& source,
                                  const TypedBlock& result, std::byte* scratch, int threads) {
    const auto play = [&](auto work) {
        return for_each_picture(source, result, scratch, spare_of(step, source.shape), threads, std::move(work));
    };
    if (const auto* covariances = step.as<step::Covariance>()) {
        const auto positions = static_cast<std::size_t>(source.shape.height * source.shape.width);
        return play([ridge = covariances->ridge, positions, channels = static_cast<std::size_t>(source.shape.channels)](
                        double* x, double* made, double*) { covariance(x, positions, channels, ridge, made); });
    }
    if (const auto* congruence = step.as<step::Congruence>()) {
        const std::vector<float> weight = weights.tensor(step, "weight");
        const auto from = static_cast<std::size_t>(congruence->from), to = static_cast<std::size_t>(congruence->to);
        return play([w = std::vector<double>(weight.begin(), weight.end()), from, to](const double* x, double* made,
                                                                                      double* spare) {
            transposed_product(spare, x, w.data(), from, from, to, false);  // Xᵀ W = X W
            transposed_product(made, w.data(), spare, from, to, to, false);
        });
    }
    AFFECTSR_EXPECT(step.is<step::MapEigenvalues>(), std::string(name_of(step.kind)) + " makes no matrices");
    return play([map = *step.as<step::MapEigenvalues>(), side = static_cast<std::size_t>(source.shape.width)](
                    double* x, double* made, double* spare) { map_eigenvalues(x, side, map, spare, made); });
}

}  // namespace affectsr::engine
