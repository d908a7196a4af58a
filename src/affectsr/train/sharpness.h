// Sharpness-aware minimisation: Foret et al. 2021, arXiv:2010.01412; its adaptive form: Kwon et al. 2021,
// arXiv:2102.11600.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace affectsr {

using at::Tensor;

/// Weights moved up the slope, where the gradient that a step takes is measured. Not thread-safe.
class Climb {
 public:
    /// Adds to every weight ρ·g / (‖g‖ + 1e-12), the norm over all of them; adaptive: ρ·w²·g / (‖|w|·g‖ + 1e-12).
    /// Parameters without a gradient stay. `gradient_norm()` is the norm that was divided by.
    Climb(std::vector<Tensor> parameters, double rho, bool adaptive);
    /// Back to where it began, to the last bit; gradients stay.
    void descend();
    double gradient_norm() const { return norm_; }

 private:
    std::vector<Tensor> parameters_, begun_;
    double norm_ = 0;
};

}  // namespace affectsr
