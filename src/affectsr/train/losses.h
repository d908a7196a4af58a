// What training minimises, by name.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"

namespace affectsr {

using at::Tensor;

/// One weighted loss on one head of an expression network.
struct HeadLossOptions {
    std::string name = "soft_cross_entropy";
    std::string head = "expression";
    double weight = 1;
    double smoothing = 0;
    double temperature = 1;
    std::vector<double> class_weights;
    void fields(auto&& f) {
        f("name", name, "catalog name of the loss");
        f("head", head, "the head it trains");
        f("weight", weight, "factor in the sum of losses", Range{0, 1e6});
        f("smoothing", smoothing, "share of every target spread over all classes (soft_cross_entropy)", Range{0, 0.9});
        f("temperature", temperature, "by which logits are divided before they are compared (distillation)",
          Range{0.1, 100});
        f("class_weights", class_weights,
          "factor of a face's loss by the classes of its target, in the order of the head's; none: 1 each",
          Range{0, 1e6});
    }
};

/// A loss on one head. Logits [n, classes] and target distributions [n, classes], rows of which sum to 1, to 0 where a
/// face has no target, or to something between after mixup. The loss of each face [n]; 0 where it has no target.
struct HeadLoss {
    std::string name, source;
    std::string target;  ///< beginning of the name of the batch's tensor: "target" or "teacher", then ".HEAD"
    Tensor (*per_face)(const Tensor& logits, const Tensor& target, const HeadLossOptions& options);
};

/// Cross-entropy against a distribution (Barsoum et al. 2016, eq. 3), smoothed as Szegedy et al. 2016, sec. 7.
Tensor soft_cross_entropy(const Tensor& logits, const Tensor& target, const HeadLossOptions& options = {});

/// Cross-entropy of both distributions made softer by a temperature T, times T², so that gradients keep their size
/// (Hinton et al. 2015, arXiv:1503.02531, sec. 2). The target is a teacher's answer at temperature 1.
Tensor distillation(const Tensor& logits, const Tensor& target, const HeadLossOptions& options = {});

/// [n]: what each face counts, the mean of options.class_weights by its target's shares; 1 where there are none. Throws
/// UsageError if there are not as many weights as classes.
Tensor class_factors(const Tensor& target, const HeadLossOptions& options);

/// Every loss on a head, one line each.
std::span<const HeadLoss> head_loss_catalog();

/// The loss called `name`. Throws UsageError that names the known ones.
const HeadLoss& find_head_loss(const std::string& name);

}  // namespace affectsr
