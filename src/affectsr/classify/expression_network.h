// An expression network as training sees it.
#pragma once

#include <torch/nn/module.h>

#include <map>
#include <string>
#include <vector>

#include "affectsr/classify/classifier.h"
#include "affectsr/learn/tensor.h"

namespace affectsr {

/// A network that reads expressions: one or more heads over the seven classes in canonical order.
class ExpressionNetwork : public virtual torch::nn::Module {
 public:
    /// Side and channels of its input, values in [0, 1].
    virtual ClassifierNeeds needs() const = 0;
    /// Names of the heads, the answering one first.
    virtual std::vector<std::string> heads() const = 0;
    /// [n, channels, px, px] → logits [n, 7] by head.
    virtual std::map<std::string, Tensor> logits(const Tensor& faces) = 0;
    /// Names, as in named_parameters(), of the weight and bias of the linear layer that gives the logits of `head`:
    /// divided by a temperature, they divide the logits. Throws Bug for a head that heads() does not name.
    virtual std::vector<std::string> head_parameters(const std::string& head) const = 0;
    /// Weights as others publish them, under the names of this network; what is not known keeps its name.
    virtual TensorMap rename_published(TensorMap published) const { return published; }
};

}  // namespace affectsr
