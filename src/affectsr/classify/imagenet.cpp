#include "affectsr/classify/imagenet.h"

#include <torch/torch.h>

namespace affectsr {

Tensor imagenet_normalised(const Tensor& pictures) {
    const Tensor mean = torch::tensor({0.485f, 0.456f, 0.406f}, pictures.options()).view({1, 3, 1, 1});
    const Tensor deviation = torch::tensor({0.229f, 0.224f, 0.225f}, pictures.options()).view({1, 3, 1, 1});
    return (pictures - mean) / deviation;
}

}  // namespace affectsr
