#include "affectsr/learn/generative_steps.h"

#include <cmath>

#include "affectsr/learn/libtorch.h"

namespace affectsr {

Tensor attended(const Tensor& queries, const Tensor& keys, const Tensor& values, int heads) {
    const std::int64_t n = queries.size(0), channels = queries.size(1), stretch = channels / heads;
    const auto by_head = [&](const Tensor& x) { return x.reshape({n * heads, stretch, -1}); };  // [n·heads, c, tokens]
    const Tensor q = by_head(queries), k = by_head(keys), v = by_head(values);
    const Tensor products = torch::bmm(q.transpose(1, 2), k) / std::sqrt(static_cast<double>(stretch));
    const Tensor weights = products.to(torch::kFloat).softmax(2).to(v.scalar_type());  // [n·heads, asked, seen]
    return torch::bmm(v, weights.transpose(1, 2)).reshape(queries.sizes());
}

Tensor looked_up(const Tensor& x, const Tensor& book) {
    return torch::embedding(book, x.argmax(1)).permute({0, 3, 1, 2});  // [n, h, w, c] in between
}

Tensor with_moments_of(const Tensor& x, const Tensor& like, double epsilon) {
    const auto moments = [epsilon](const Tensor& t) {
        const Tensor flat = t.flatten(2).to(torch::kFloat);
        return std::pair((flat.var(2, /*unbiased=*/true) + epsilon).sqrt().unsqueeze(2).unsqueeze(3),
                         flat.mean(2).unsqueeze(2).unsqueeze(3));
    };
    const auto [own_deviation, own_mean] = moments(x);
    const auto [deviation, mean] = moments(like);
    return ((x - own_mean) / own_deviation * deviation + mean).to(x.scalar_type());
}

Tensor demodulation(const Tensor& styles, const Tensor& weight, double epsilon) {
    const Tensor squares = weight.to(torch::kFloat).square().sum({2, 3});  // [out, in]
    const Tensor sums = torch::matmul(styles.flatten(1).to(torch::kFloat).square(), squares.t());
    return (sums + epsilon).rsqrt().unsqueeze(2).unsqueeze(3).to(styles.scalar_type());
}

}  // namespace affectsr
