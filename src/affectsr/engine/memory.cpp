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
    if (wanted > size_ - used_) {
        const std::size_t size = rounded(wanted, kPage);
        std::unique_ptr<std::byte, Free> block(static_cast<std::byte*>(std::aligned_alloc(kPage, size)));
        if (!block) throw std::bad_alloc();
        // A kernel that has none, or was told to give none, goes on with small pages.
        (void)madvise(block.get(), size, MADV_HUGEPAGE);
        std::memset(block.get(), 0, size);
        blocks_.push_back(std::move(block));
        size_ = size;
        used_ = 0;
    }
    std::byte* taken = blocks_.back().get() + used_;
    used_ += wanted;
    return taken;
}

}  // namespace affectsr::engine
