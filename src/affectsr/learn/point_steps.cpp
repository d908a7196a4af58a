#include "affectsr/learn/point_steps.h"

#include <cmath>

#include "affectsr/learn/libtorch.h"

namespace affectsr {

Tensor mixing_matrix(const step::MixPositions& mix) {
    Tensor matrix = torch::zeros({mix.positions, mix.positions});
    auto at = matrix.accessor<float, 2>();
    for (const PositionLink& link : mix.links) at[link.from][link.to] += link.weight;
    return matrix;
}

Tensor mixed_positions(const Tensor& x, const Tensor& matrix) {
    return torch::matmul(x.flatten(2), matrix.to(x.options())).view(x.sizes());  // [n, c, h·w] in between
}

Tensor splatted(const Tensor& points, const Tensor& places, const Tensor& like) {
    const std::int64_t n = points.size(0), channels = points.size(1), height = like.size(2), width = like.size(3);
    const Tensor features = points.flatten(2).to(torch::kFloat);     // [n, c, points]
    const Tensor at = places.detach().flatten(2).to(torch::kFloat);  // [n, 2 or 3, points]
    const auto along = [&](std::int64_t axis, std::int64_t size) {   // [n, points]
        return at.select(1, axis).nan_to_num(-2, -2, -2).clamp(-2, static_cast<double>(size) + 1);
    };
    const Tensor x = along(0, width), y = along(1, height), left = x.floor(), top = y.floor();
    Tensor sums = torch::zeros({n, channels, height * width}, features.options());
    Tensor totals = torch::zeros({n, height * width}, features.options());
    for (int dy = 0; dy < 2; ++dy)
        for (int dx = 0; dx < 2; ++dx) {
            const Tensor column = left + dx, row = top + dy;
            const Tensor inside = (column >= 0) & (column < width) & (row >= 0) & (row < height);
            const Tensor share = (1 - (x - column).abs()) * (1 - (y - row).abs()) * inside;
            const Tensor pixel = (row.clamp(0, static_cast<double>(height - 1)) * static_cast<double>(width) +
                                  column.clamp(0, static_cast<double>(width - 1)))
                                     .to(torch::kLong);
            sums = sums.scatter_add(2, pixel.unsqueeze(1).expand({n, channels, -1}), features * share.unsqueeze(1));
            totals = totals.scatter_add(1, pixel, share);
        }
    const Tensor map = sums / totals.clamp_min(1).unsqueeze(1);
    return map.view({n, channels, height, width}).to(points.scalar_type());
}

Tensor grouping(const step::SumChannels& sums, int channels) {
    const auto count = static_cast<std::int64_t>(sums.groups.size());
    std::vector<std::int64_t> first;
    for (const std::vector<int>& group : sums.groups)
        if (group.size() == 1) first.push_back(group[0]);
    if (first.size() == sums.groups.size()) return torch::tensor(first);
    Tensor matrix = torch::zeros({count, channels, 1, 1});
    auto at = matrix.accessor<float, 4>();
    for (std::int64_t g = 0; g < count; ++g)
        for (const int channel : sums.groups[static_cast<std::size_t>(g)]) at[g][channel][0][0] += 1;
    return matrix;
}

Tensor summed_channels(const Tensor& x, const Tensor& grouping) {
    if (grouping.dim() == 1) return x.index_select(1, grouping.to(x.device()));
    return torch::conv2d(x, grouping.to(x.options()));
}

Tensor softmax_over_parts(const Tensor& x, int parts) {
    std::vector<std::int64_t> sizes = x.sizes().vec();  // [n, c] or [n, c, h, w] → [n, parts, c / parts, …]
    sizes[1] /= parts;
    sizes.insert(sizes.begin() + 1, parts);
    return x.reshape(sizes).softmax(1).reshape(x.sizes());
}

}  // namespace affectsr
