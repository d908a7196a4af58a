// A whole file in memory, read-only, without reading it first.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace affectsr {

/// The pages of one regular file; they stay mapped as long as any copy lives. Safe to share between threads. The file
/// must be replaced by renaming, never shortened in place: reading a page that is gone ends the process (SIGBUS).
class MappedFile {
 public:
    /// Never blocks on a FIFO or a device. Throws ModelError (`no_such_model`: there is no such file;
    /// `model_not_readable`: a folder, a FIFO, no permission) or ResourceError (`out_of_descriptors`, `out_of_memory`).
    static MappedFile open(const std::filesystem::path& path);

    std::span<const std::byte> bytes() const { return {memory_.get(), size_}; }
    /// A part of the file that keeps the mapping alive.
    std::shared_ptr<const std::byte> part(std::size_t offset) const { return {memory_, memory_.get() + offset}; }

 private:
    std::shared_ptr<const std::byte> memory_;
    std::size_t size_ = 0;
};

}  // namespace affectsr
