// Whether a network's weights are numbers that it can compute with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "affectsr/weights/model_file.h"

namespace affectsr {

/// Where the first element lies that float32 cannot hold as a number: NaN, infinite, or a float64 beyond ±3.4e38; empty
/// if there is none. Whole numbers always can be held.
std::optional<std::int64_t> first_not_finite(const HostTensor& tensor);

/// Throws ModelError (`not_finite`) that names the first tensor with such an element, the element and its value: one is
/// enough to spoil every answer of a network. `where` (a file name) begins the message.
void expect_finite(const TensorMap& tensors, const std::string& where);

}  // namespace affectsr
