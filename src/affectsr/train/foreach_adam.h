// Adam that updates all parameters by a few operations on lists of tensors.
#pragma once

#include <torch/optim/adam.h>

namespace affectsr {

/// LibTorch's Adam (the same state, stored alike), each of its operations played on all parameters of a group at once:
/// on a GPU a network of hundreds of small tensors waits for the starts of kernels, which one operation a parameter and
/// line of the algorithm multiplies. AMSGrad is left out. Not for several threads.
class ForeachAdam : public torch::optim::Adam {
 public:
    using torch::optim::Adam::Adam;
    at::Tensor step(LossClosure closure = nullptr) override;
};

}  // namespace affectsr
