// Numbers of a TIFF block, which is what EXIF data are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace affectsr {

/// A TIFF block in its byte order; what lies outside the block reads as 0. TIFF 6.0, section 2.
struct TiffReader {
    std::span<const std::uint8_t> bytes;
    bool little_endian = false;

    std::uint32_t number(std::size_t at, std::size_t size) const {
        if (at > bytes.size() || bytes.size() - at < size) return 0;
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < size; ++i) {
            value = value << 8 | bytes[at + (little_endian ? size - 1 - i : i)];
        }
        return value;
    }
};

/// Reads EXIF data with or without "Exif\0\0" before them; std::nullopt: they do not begin as a TIFF block.
inline std::optional<TiffReader> open_tiff(std::span<const std::uint8_t> exif) {
    using namespace std::string_view_literals;
    const auto begins_with = [&exif](std::string_view text) {
        return exif.size() >= text.size() && std::memcmp(exif.data(), text.data(), text.size()) == 0;
    };
    constexpr std::size_t kPrefix = 6;  // "Exif", 0 and a byte that should be 0 and is not always
    if (exif.size() > kPrefix && begins_with("Exif\0"sv)) exif = exif.subspan(kPrefix);
    const bool little_endian = begins_with("II*\0"sv);
    if (!little_endian && !begins_with("MM\0*"sv)) return std::nullopt;
    return TiffReader{exif, little_endian};
}

}  // namespace affectsr
