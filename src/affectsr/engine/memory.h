// Memory in large pages for what every run walks through: weights and values.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <vector>

namespace affectsr::engine {

/// Hands out memory, aligned to 64 bytes, from blocks that ask the kernel for 2 MiB pages: with 4 KiB pages a network
/// of 12 MB misses the address cache all the time (8 % of an RRDB face). Freed as a whole. Not thread-safe.
class LargePages {
 public:
    /// At least one byte; zeroed. Throws std::bad_alloc.
    std::byte* take(std::size_t bytes);
    /// What was handed out is no longer used: it will be handed out again, without asking the kernel for pages anew.
    void reuse();
    std::size_t bytes() const;  ///< of all blocks

 private:
    struct Free {
        void operator()(std::byte* block) const { std::free(block); }
    };
    struct Block {
        std::unique_ptr<std::byte, Free> start;
        std::size_t size;
    };
    std::vector<Block> blocks_;
    std::size_t used_ = 0;  ///< of the last block
    bool stale_ = false;    ///< the last block is not zero
};

}  // namespace affectsr::engine
