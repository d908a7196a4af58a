// What one training step learns from: tensors by name.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>

#include "affectsr/base/error.h"

namespace affectsr {

/// Tensors of one batch; the first dimension of each is `count`. Which there are, the task and its source agree on; the
/// words that faces use stand in face_source.h.
struct Batch {
    std::map<std::string, at::Tensor> tensors;
    std::int64_t count = 0;

    /// Throws Bug naming what there is.
    const at::Tensor& at(const std::string& name) const {
        const auto found = tensors.find(name);
        if (found != tensors.end()) return found->second;
        std::string known;
        for (const auto& [other, tensor] : tensors) known += (known.empty() ? "" : ", ") + other;
        throw Bug("the batch has no tensor \"" + name + "\"; it has: " + known);
    }
    /// `rows` rows from row `first` on, sharing the memory.
    Batch part(std::int64_t first, std::int64_t rows) const {
        Batch some{{}, rows};
        for (const auto& [name, tensor] : tensors) some.tensors[name] = tensor.narrow(0, first, rows);
        return some;
    }
};

}  // namespace affectsr
