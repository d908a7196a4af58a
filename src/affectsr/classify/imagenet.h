// The colour statistics that networks trained on ImageNet expect.
#pragma once

#include "affectsr/learn/tensor.h"

namespace affectsr {

/// [n, 3, h, w] in [0, 1] → mean 0 and deviation 1 over ImageNet's training pictures. Source: torchvision 0.14.1.
Tensor imagenet_normalised(const Tensor& pictures);

}  // namespace affectsr
