#include "affectsr/train/picture_tensors.h"

#include "affectsr/base/error.h"
#include "affectsr/image/border.h"
#include "affectsr/image/resize.h"
#include "affectsr/learn/libtorch.h"

namespace affectsr {

namespace {

/// [to, from]: what each sample of an axis is made of.
at::Tensor resizing_matrix(int from, int to) {
    const AxisTaps taps = axis_taps(from, to, resampling_of(Filter::bicubic));
    at::Tensor matrix = torch::zeros({to, from});
    auto weight = matrix.accessor<float, 2>();
    for (int i = 0; i < to; ++i)
        for (int t = 0; t < taps.taps; ++t)
            weight[i][mirrored(taps.first[static_cast<std::size_t>(i)] + t, from)] +=
                static_cast<float>(taps.weight[static_cast<std::size_t>(i * taps.taps + t)]);
    return matrix;
}

}  // namespace

at::Tensor bicubic_resized(const at::Tensor& pictures, int px) {
    AFFECTSR_EXPECT(pictures.dim() == 4 && pictures.size(2) == pictures.size(3), "square pictures");
    if (pictures.size(3) == px) return pictures;
    const at::Tensor matrix = resizing_matrix(static_cast<int>(pictures.size(3)), px).to(pictures.device());
    return torch::matmul(torch::matmul(matrix, pictures), matrix.t());
}

at::Tensor in_channels(const at::Tensor& pictures, int channels) {
    AFFECTSR_EXPECT(pictures.size(1) == 3 && (channels == 1 || channels == 3), "pictures of three channels");
    if (channels == 3) return pictures;
    const at::Tensor weights = torch::tensor({0.299F, 0.587F, 0.114F}).view({1, 3, 1, 1}).to(pictures.device());
    return (pictures * weights).sum(1, /*keepdim=*/true);
}

}  // namespace affectsr
