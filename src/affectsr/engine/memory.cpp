#include "affectsr/engine/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace affectsr::engine {

namespace {

constexpr std::size_t kPage = std::size_t{2} << 20;
constexpr std::size_t kLine = 64;

std::size_t rounded(std::size_t bytes, std::size_t to) {
    return (bytes + to - 1) / to * to;
}

}  // namespace

std::byte* LargePages::take(std::size_t bytes) {
    const std::size_t wanted = rounded(std::max<std::size_t>(bytes, 1), kLine);
    if (blocks_.empty() || wanted > blocks_.back().size - used_) {
        const std::size_t size = rounded(wanted, kPage);
        std::unique_ptr<std::byte, Free> block(static_cast<std::byte*>(std::aligned_alloc(kPage, size)));
        if (!block) throw std::bad_alloc();
        // A kernel that has none, or was told to give none, goes on with small pages.
        (void)madvise(block.get(), size, MADV_HUGEPAGE);
        std::memset(block.get(), 0, size);
        blocks_.push_back({std::move(block), size});
        used_ = 0;
        stale_ = false;
    }
    std::byte* taken = blocks_.back().start.get() + used_;
    used_ += wanted;
    if (stale_) std::memset(taken, 0, wanted);
    return taken;
}

void LargePages::reuse() {
    // One block is handed out again; with more of them, the others' users would have wanted one as large as all.
    if (blocks_.size() > 1) blocks_.erase(blocks_.begin(), blocks_.end() - 1);
    used_ = 0;
    stale_ = true;
}

std::size_t LargePages::bytes() const {
    std::size_t sum = 0;
    for (const Block& block : blocks_) sum += block.size;
    return sum;
}

}  // namespace affectsr::engine
