#include "affectsr/restore/matlab_bicubic.h"

#include <torch/torch.h>

#include "affectsr/image/border.h"
#include "affectsr/image/resize.h"

namespace affectsr {

namespace {

/// One axis as a matrix [to, from].
Tensor axis_matrix(int from, int to, const Tensor& like) {
    const AxisTaps axis = axis_taps(from, to, resampling_of(Filter::bicubic));
    Tensor matrix = torch::zeros({to, from});
    auto rows = matrix.accessor<float, 2>();
    for (int i = 0; i < to; ++i)
        for (int tap = 0; tap < axis.taps; ++tap) {
            const auto at = static_cast<std::size_t>(i);
            const double weight = axis.weight[at * static_cast<std::size_t>(axis.taps) + static_cast<std::size_t>(tap)];
            rows[i][mirrored(axis.first[at] + tap, from)] += static_cast<float>(weight);
        }
    return matrix.to(like.options());
}

}  // namespace

Tensor matlab_bicubic(const Tensor& pictures, int height, int width) {
    const Tensor down = axis_matrix(static_cast<int>(pictures.size(2)), height, pictures);
    const Tensor across = axis_matrix(static_cast<int>(pictures.size(3)), width, pictures);
    return torch::matmul(down, torch::matmul(pictures, across.t()));  // [n, c, height, width]
}

}  // namespace affectsr
