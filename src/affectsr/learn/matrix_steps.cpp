#include "affectsr/learn/matrix_steps.h"

#include <c10/core/impl/LocalDispatchKeySet.h>

#include "affectsr/base/error.h"
#include "affectsr/learn/libtorch.h"

namespace affectsr {

namespace {

/// While it lives, autocast rounds nothing on this thread.
struct WithoutAutocast {
    const c10::impl::ExcludeDispatchKeyGuard guard{c10::autocast_dispatch_keyset};
};

/// In float32 or better.
Tensor precise(const Tensor& x) {
    return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
}

Tensor symmetric_part(const Tensor& x) {
    return (x + x.transpose(-2, -1)) / 2;
}

/// 1 where f moves with its eigenvalue.
Tensor inside(const Tensor& values, double least, double most) {
    return ((values > least) & (values < most)).to(values.scalar_type());
}

Tensor mapped(const Tensor& values, double least, double most, bool logarithm) {
    const Tensor clipped = values.clamp(least, most);
    return logarithm ? clipped.log() : clipped;
}

/// [n, c] eigenvalues → [n, c, c] (f(λᵢ) − f(λⱼ)) / (λᵢ − λⱼ), and f′ between those that are nearly equal.
Tensor divided_differences(const Tensor& values, double least, double most, bool logarithm) {
    // Where both errors meet: the difference's, 10⁻¹⁶ / 10⁻⁵, and the derivative's, (10⁻⁵)² / 12.
    constexpr double kNearlyEqual = 1e-5;
    const Tensor a = values.unsqueeze(-1), b = values.unsqueeze(-2), difference = a - b;
    const Tensor nearly = difference.abs() <= kNearlyEqual * torch::max(a.abs(), b.abs());
    const Tensor middle = ((a + b) / 2).clamp(least, most);
    const Tensor derivative = inside((a + b) / 2, least, most) / (logarithm ? middle : torch::ones_like(middle));
    const Tensor f = mapped(values, least, most, logarithm);
    const Tensor quotient = (f.unsqueeze(-1) - f.unsqueeze(-2)) / difference.masked_fill(nearly, 1);
    return torch::where(nearly, derivative, quotient);
}

struct MapFunction : torch::autograd::Function<MapFunction> {
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, double least, double most,
                          bool logarithm) {
        const WithoutAutocast exact;
        const Tensor given = symmetric_part(x.to(at::kDouble));
        const Tensor not_finite = (given * 0).sum({-2, -1}, true);  // 0, else NaN
        const auto [values, vectors] = torch::linalg_eigh(given.nan_to_num(0, 0, 0), "L");
        context->save_for_backward({values, vectors});
        context->saved_data["least"] = least;
        context->saved_data["most"] = most;
        context->saved_data["logarithm"] = logarithm;
        const Tensor made =
            torch::matmul(vectors * mapped(values, least, most, logarithm).unsqueeze(-2), vectors.transpose(-2, -1));
        return (made + not_finite).to(x.scalar_type());
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list result_gradients) {
        if (at::GradMode::is_enabled())
            throw UsageError("a function of eigenvalues has no gradient of its gradient here", "no_second_gradient");
        const WithoutAutocast exact;
        const auto saved = context->get_saved_variables();
        const Tensor &values = saved[0], &vectors = saved[1], back = vectors.transpose(-2, -1);
        const Tensor gradient = symmetric_part(result_gradients[0].to(at::kDouble));
        const Tensor differences =
            divided_differences(values, context->saved_data["least"].toDouble(), context->saved_data["most"].toDouble(),
                                context->saved_data["logarithm"].toBool());
        const Tensor inner = torch::matmul(back, torch::matmul(gradient, vectors)) * differences;
        const Tensor made = torch::matmul(vectors, torch::matmul(inner, back));
        return {made.to(result_gradients[0].scalar_type()), Tensor(), Tensor(), Tensor()};
    }
};

}  // namespace

Tensor covariance(const Tensor& x, double ridge) {
    const WithoutAutocast exact;
    const Tensor features = precise(x).flatten(2);  // [n, c, h·w]
    const Tensor centred = features - features.mean(2, true);
    const Tensor made =
        torch::matmul(centred, centred.transpose(1, 2)) / static_cast<double>(features.size(2) - 1);  // [n, c, c]
    const Tensor trace = made.diagonal(0, 1, 2).sum(1).view({-1, 1, 1});
    return (made + ridge * trace * torch::eye(made.size(1), made.options())).unsqueeze(1);
}

Tensor congruence(const Tensor& x, const Tensor& weight) {
    const WithoutAutocast exact;
    const Tensor matrix = precise(x), w = weight.to(matrix.scalar_type());
    return torch::matmul(w.t(), torch::matmul(matrix, w));
}

Tensor mapped_eigenvalues(const Tensor& x, const step::MapEigenvalues& map) {
    return MapFunction::apply(precise(x), map.least, map.most, map.logarithm);
}

}  // namespace affectsr
