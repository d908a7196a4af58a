// Pictures that tests of other rooms hand to the program: stripes without a face, and files that only claim a size.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "affectsr/image/image.h"

namespace affectsr {

/// A picture without a face in it, but not of one grey level; another for every `seed`.
inline Image stripes(int width, int height, int seed = 0) {
    Image image(width, height);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < 3; ++c)
                image.pixel(x, y)[c] = static_cast<std::uint8_t>((x * (7 + seed) + y * (11 + c) + seed * 31) % 256);
    return image;
}

/// The bytes as the text that TemporaryFolder::fill takes.
inline std::string text_of(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A PNG that claims a size in its header and holds nothing.
inline std::string png_header(std::uint32_t width, std::uint32_t height) {
    const auto big_endian = [](std::uint32_t n) {
        std::string bytes;
        for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(n >> shift & 0xFF);
        return bytes;
    };
    const std::string chunk = "IHDR" + big_endian(width) + big_endian(height) + std::string("\x08\x02\0\0\0", 5);
    std::uint32_t crc = 0xFFFFFFFF;  // PNG 1.2, annex D
    for (const char c : chunk) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
    }
    return "\x89PNG\r\n\x1A\n" + big_endian(13) + chunk + big_endian(~crc);
}

}  // namespace affectsr
