#include "affectsr/plan/first_weights.h"

#include <array>
#include <cmath>
#include <random>

#include "affectsr/base/random.h"

namespace affectsr {

namespace {

std::size_t count_of(const std::vector<std::int64_t>& shape) {
    std::size_t count = 1;
    for (const std::int64_t side : shape) count *= static_cast<std::size_t>(side);
    return count;
}

HostTensor all_of(float value, const std::vector<std::int64_t>& shape) {
    return HostTensor::from_floats(std::vector<float>(count_of(shape), value), shape);
}

HostTensor normal(double deviation, const std::vector<std::int64_t>& shape, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<float> values(count_of(shape));
    for (std::size_t i = 0; i < values.size(); i += 2) {
        const auto [a, b] = two_standard_normals(random);
        values[i] = static_cast<float>(deviation * a);
        if (i + 1 < values.size()) values[i + 1] = static_cast<float>(deviation * b);
    }
    return HostTensor::from_floats(values, shape);
}

/// [rows, columns ≤ rows] whose columns are orthonormal, in a direction that has no preference: Gram–Schmidt of a
/// normal matrix, each column twice, as once leaves what rounding made of it.
HostTensor orthonormal(const std::vector<std::int64_t>& shape, std::uint64_t seed) {
    const auto rows = static_cast<std::size_t>(shape[0]), columns = static_cast<std::size_t>(shape[1]);
    const std::vector<float> from = normal(1, shape, seed).floats();
    std::vector<double> q(from.begin(), from.end());
    const auto product = [&](std::size_t a, std::size_t b) {
        double sum = 0;
        for (std::size_t r = 0; r < rows; ++r) sum += q[r * columns + a] * q[r * columns + b];
        return sum;
    };
    for (std::size_t c = 0; c < columns; ++c) {
        for (std::size_t before = 0; before < 2 * c; ++before) {
            const double along = product(c, before % c);
            for (std::size_t r = 0; r < rows; ++r) q[r * columns + c] -= along * q[r * columns + before % c];
        }
        const double length = std::sqrt(product(c, c));
        for (std::size_t r = 0; r < rows; ++r) q[r * columns + c] /= length;
    }
    return HostTensor::from_floats(std::vector<float>(q.begin(), q.end()), shape);
}

HostTensor first_weight(const Step& s, const std::vector<std::int64_t>& shape, std::uint64_t seed) {
    // Fan-out keeps the gradient's variance through rectified layers.
    const auto he = [&](const auto& c, int stride) {
        return normal(std::sqrt(2.0 * c.groups * stride * stride / (double{1} * s.out_channels * c.kernel * c.kernel)),
                      shape, seed);
    };
    return std::visit(OneOfThese{
                          [&](const step::Conv& c) { return he(c, 1); },
                          [&](const step::ConvTranspose& c) { return he(c, c.stride); },
                          [&](const step::Linear&) { return normal(std::sqrt(1.0 / s.in_channels), shape, seed); },
                          [&](const step::Prelu&) { return all_of(0.25f, shape); },
                          [&](const step::Lookup&) { return normal(1, shape, seed); },
                          [&](const step::AddParameter&) { return normal(1, shape, seed); },
                          [&](const step::Constant&) { return normal(1, shape, seed); },
                          [&](const step::AddNoise&) { return all_of(0, shape); },
                          [&](const step::Demodulation& d) {  // the convolution's; whichever step comes first
                              return normal(std::sqrt(2.0 / (double{1} * s.out_channels * d.kernel * d.kernel)), shape,
                                            seed);
                          },
                          [&](const step::Congruence&) { return orthonormal(shape, seed); },
                          [&](const auto&) { return all_of(1, shape); },
                      },
                      s.kind);
}

}  // namespace

TensorMap first_weights(const Plan& plan, std::uint64_t seed) {
    TensorMap weights;
    for (std::size_t i = 0; i < plan.steps.size(); ++i)
        for (const Parameter& parameter : parameters_of(plan.steps[i])) {
            HostTensor& tensor = weights[parameter.name];
            if (parameter.role == Parameter::Role::counter)
                tensor = HostTensor::from_ints(std::array<std::int64_t, 1>{0}, parameter.shape);
            else if (parameter.name.ends_with(".noise"))
                tensor = normal(1, parameter.shape, chained_seed(seed, {i, 1}));
            else if (parameter.name.ends_with(".weight"))
                tensor = first_weight(plan.steps[i], parameter.shape, chained_seed(seed, {i}));
            else
                tensor = all_of(parameter.name.ends_with(".running_var") ? 1 : 0, parameter.shape);
        }
    return weights;
}

}  // namespace affectsr
