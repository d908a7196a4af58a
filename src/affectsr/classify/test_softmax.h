// Logits → probabilities, for comparisons with stored ones.
#pragma once

#include <cmath>
#include <vector>

#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// [n, classes] → each row's softmax.
inline HostTensor softmax_rows(const HostTensor& logits) {
    std::vector<float> values = logits.floats();
    const auto classes = static_cast<std::size_t>(logits.shape().at(1));
    for (std::size_t row = 0; row < values.size(); row += classes) {
        double sum = 0;
        for (std::size_t i = row; i < row + classes; ++i) sum += std::exp(static_cast<double>(values[i]));
        for (std::size_t i = row; i < row + classes; ++i)
            values[i] = static_cast<float>(std::exp(static_cast<double>(values[i])) / sum);
    }
    return HostTensor::from_floats(values, logits.shape());
}

}  // namespace affectsr
