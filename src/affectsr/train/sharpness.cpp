#include "affectsr/train/sharpness.h"

#include "affectsr/learn/libtorch.h"

namespace affectsr {

Climb::Climb(std::vector<Tensor> parameters, double rho, bool adaptive) {
    const torch::NoGradGuard no_grad;
    std::vector<Tensor> norms;
    for (Tensor& parameter : parameters) {
        if (!parameter.grad().defined()) continue;
        parameters_.push_back(parameter);
        norms.push_back((adaptive ? parameter.abs() * parameter.grad() : parameter.grad()).norm());
    }
    if (parameters_.empty()) return;
    norm_ = torch::stack(norms).norm().item<double>();
    const double length = rho / (norm_ + 1e-12);
    for (Tensor& parameter : parameters_) {
        begun_.push_back(parameter.clone());
        parameter.add_(adaptive ? parameter.square() * parameter.grad() : parameter.grad(), length);
    }
}

void Climb::descend() {
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < begun_.size(); ++i) parameters_[i].copy_(begun_[i]);
    begun_.clear();
}

}  // namespace affectsr
