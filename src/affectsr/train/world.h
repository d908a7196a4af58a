// This process among the processes that train together.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "affectsr/train/world_place.h"

namespace affectsr {

/// The processes of one training run. A world of one is an implementation, not a special case in the trainer. All
/// processes make the same calls in the same order; each call blocks until all have made it, however long one of them
/// computes meanwhile. Each throws ResourceError (`rank_lost`) naming the rank and its host if a process has ended, or
/// has given no sign of life for WorldOptions::lost_after_s. Not thread-safe.
class World {
 public:
    virtual ~World() = default;
    virtual int rank() const = 0;  ///< 0 … size() − 1
    virtual int size() const = 0;
    /// Replaces every tensor by its mean over all processes: the same bits in all of them and in every run. Floating
    /// point numbers only; below float64 they are added in float32.
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

/// The world that `place` tells of: Alone, or processes that meet at its address, where rank 0 keeps the meeting point,
/// over NCCL where LibTorch has it and there is a GPU, else over Gloo. Waits for all to come. Throws UsageError
/// (`bad_world`) for an address that rank 0 cannot listen at, a rank that two processes have, another WORLD_SIZE than
/// rank 0's, and a build without Gloo; ResourceError (`rank_lost`) naming the ranks that did not come in time.
std::unique_ptr<World> make_world(const WorldPlace& place, const WorldOptions& options);

/// What every process says, by rank. Whole numbers of up to 53 bits.
std::vector<std::int64_t> told_by_all(const World& world, std::int64_t own);
/// Whether any process says yes.
bool anywhere(const World& world, bool here);

}  // namespace affectsr
