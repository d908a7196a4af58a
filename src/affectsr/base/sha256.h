// SHA-256: what a file is known by. Source: FIPS 180-4.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace affectsr {

/// A hash of bytes that come in pieces. One object by one thread at a time.
class Sha256 {
 public:
    /// `plainly`: without the processor's own instructions for it, as on one that has none.
    explicit Sha256(bool plainly = false);
    void add(std::span<const std::byte> bytes);
    /// 64 hex digits of all that was added. The object is then used up.
    std::string hex();

 private:
    void add_blocks(const std::byte* data, std::size_t blocks);

    bool plainly_;
    std::array<std::uint32_t, 8> state_;
    std::array<std::byte, 64> begun_{};  ///< of a block that is not full yet
    std::uint64_t length_ = 0;           ///< bytes added
};

/// SHA-256 as 64 hex digits. Thread-safe.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace affectsr
