// This process among the processes that train together.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace affectsr {

/// The processes of one training run. A world of one is an implementation, not a special case in the trainer.
class World {
 public:
    virtual ~World() = default;
    virtual int rank() const = 0;  ///< 0 … size() − 1
    virtual int size() const = 0;
    /// Replaces every tensor by its mean over all processes. Blocks until all have called.
    virtual void average(std::vector<at::Tensor>& tensors) const = 0;
    virtual void wait_for_all() const = 0;
};

/// This process by itself.
class Alone : public World {
 public:
    int rank() const override { return 0; }
    int size() const override { return 1; }
    void average(std::vector<at::Tensor>&) const override {}
    void wait_for_all() const override {}
};

}  // namespace affectsr
