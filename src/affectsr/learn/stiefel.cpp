#include "affectsr/learn/stiefel.h"

#include "affectsr/learn/libtorch.h"

namespace affectsr {

Tensor stiefel_gradient(const Tensor& weight, const Tensor& gradient) {
    const Tensor inner = torch::matmul(weight.t(), gradient);
    return gradient - torch::matmul(weight, inner + inner.t()) / 2;
}

Tensor stiefel_step(const Tensor& weight, const Tensor& gradient, double rate) {
    const torch::NoGradGuard no_grad;
    const Tensor w = weight.to(at::kDouble);
    const auto [q, r] = torch::linalg_qr(w - rate * stiefel_gradient(w, gradient.to(at::kDouble)));
    const Tensor signs = torch::where(r.diagonal() < 0, -1.0, 1.0);
    return (q * signs).to(weight.scalar_type());
}

}  // namespace affectsr
