#include "affectsr/train/averaged_weights.h"

#include <algorithm>
#include <vector>

#include "affectsr/learn/libtorch.h"

namespace affectsr {

void move_average(torch::nn::Module& average, const torch::nn::Module& learning, double decay, std::uint64_t step) {
    const torch::NoGradGuard no_grad;
    const double steps = static_cast<double>(step);
    const double share = 1 - std::min(decay, (1 + steps) / (10 + steps));
    std::vector<at::Tensor> moved = average.parameters(), towards = learning.parameters();
    const std::vector<at::Tensor> buffers = average.buffers(), learned = learning.buffers();
    for (std::size_t i = 0; i < buffers.size(); ++i) {
        if (buffers[i].is_floating_point()) {
            moved.push_back(buffers[i]);
            towards.push_back(learned[i]);
        } else {
            buffers[i].copy_(learned[i]);
        }
    }
    // On lists, as ForeachAdam does.
    at::_foreach_mul_(moved, 1 - share);
    at::_foreach_add_(moved, towards, share);
}

}  // namespace affectsr
