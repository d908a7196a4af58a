#include "affectsr/train/averaged_weights.h"

#include <algorithm>

#include "affectsr/learn/libtorch.h"

namespace affectsr {

namespace {

void move_towards(at::Tensor average, const at::Tensor& learned, double share) {
    if (average.is_floating_point())
        average.lerp_(learned, share);
    else
        average.copy_(learned);
}

}  // namespace

void move_average(torch::nn::Module& average, const torch::nn::Module& learning, double decay, std::uint64_t step) {
    const torch::NoGradGuard no_grad;
    const double steps = static_cast<double>(step);
    const double share = 1 - std::min(decay, (1 + steps) / (10 + steps));
    const auto parameters = learning.named_parameters(), buffers = learning.named_buffers();
    for (const auto& item : average.named_parameters()) move_towards(item.value(), parameters[item.key()], share);
    for (const auto& item : average.named_buffers()) move_towards(item.value(), buffers[item.key()], share);
}

}  // namespace affectsr
