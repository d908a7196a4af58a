// Whether weights are those of a network.
#pragma once

#include <string>

#include "affectsr/plan/plan.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// Throws ModelError (`model_does_not_fit`) that lists missing, extra and misshapen tensors, at most 20 of each by
/// name, unless `tensors` are the parameters of `plan`, name by name and shape by shape; counters may be missing, for
/// inference does not read them. `where` (a file name) begins the message.
void expect_fit(const Plan& plan, const TensorMap& tensors, const std::string& where);
/// `tensors`, once expect_fit has let them through.
TensorMap fitting(const Plan& plan, TensorMap tensors, const std::string& where);

}  // namespace affectsr
