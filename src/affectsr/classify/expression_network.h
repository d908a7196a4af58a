// An expression network before it has weights: pure data.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "affectsr/classify/classifier.h"
#include "affectsr/plan/plan.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// A network that reads expressions: one or more heads over the seven classes in canonical order. A value; safe to
/// share.
struct ExpressionNetwork {
    /// [n, channels, px, px], values in [0, 1] → logits [n, 7] by head. Whatever range published weights want is a step
    /// of the plan.
    Plan plan;
    ClassifierNeeds needs;           ///< side and channels of its input
    std::vector<std::string> heads;  ///< names of the outputs, the answering one first
    /// Weights as others publish them, under the names of the plan; what is not known keeps its name. Empty: they have
    /// the same names.
    std::function<TensorMap(TensorMap)> rename_published = nullptr;

    /// Names of weight and bias of the linear layer, or of the convolution before a mean over the picture, that gives
    /// the logits of `head`: divided by a temperature, they divide the logits. Throws Bug for a head that `heads` does
    /// not name, or whose logits come from neither.
    std::vector<std::string> head_parameters(const std::string& head) const;
    /// rename_published, where there is one.
    TensorMap renamed(TensorMap published) const;
};

}  // namespace affectsr
