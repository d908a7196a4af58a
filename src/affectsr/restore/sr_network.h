// A super-resolution network as training sees it.
#pragma once

#include <torch/nn/module.h>

#include <map>
#include <string>

#include "affectsr/learn/tensor.h"
#include "affectsr/restore/restorer.h"

namespace affectsr {

/// A batch of small faces. Networks take from it what they need.
struct SrInput {
    Tensor lr;              ///< [n, 3, h, w], values in [0, 1]
    Tensor landmarks = {};  ///< [n, 478, 3], in pixels of lr; undefined where the network needs none
    int scale = 0;          ///< how many times larger the result shall be; 0: the network's own scale
};

/// What a network made of it.
struct SrOutput {
    Tensor sr;                                  ///< [n, 3, h·scale, w·scale], about [0, 1], not clamped
    std::map<std::string, Tensor> extras = {};  ///< further results by name: intermediate pictures, heat maps
};

/// A network that makes small faces large. Whatever range its published weights want is its own affair: all that comes
/// in and goes out lies in [0, 1].
class SrNetwork : public virtual torch::nn::Module {
 public:
    /// Its scale, and what a crop must be or carry.
    virtual RestorerNeeds needs() const = 0;
    /// Throws UsageError for a picture size or scale that it cannot do. In eval mode thread-safe as long as nobody
    /// changes the parameters.
    virtual SrOutput forward(const SrInput& input) = 0;
    /// Weights as others publish them, under the names of this network; what is not known keeps its name.
    virtual TensorMap rename_published(TensorMap published) const { return published; }
};

}  // namespace affectsr
