// WebP containers for the tests of this room.
#pragma once

#include <cstdint>
#include <string_view>

#include "affectsr/image/codec.h"
#include "affectsr/image/test_pictures.h"

namespace affectsr::testing {

inline constexpr std::uint8_t kExifFlag = 0x08, kAnimationFlag = 0x02;

inline Bytes webp_chunk(std::string_view tag, std::span<const std::uint8_t> payload) {
    Bytes made = text_bytes(tag);
    append(made, little_endian(payload.size(), 4));
    append(made, payload);
    if (payload.size() % 2 == 1) made.push_back(0);
    return made;
}

/// An extended file: VP8X with flags and canvas, then `chunks`.
inline Bytes extended_webp(std::uint8_t flags, ImageSize canvas, const Bytes& chunks) {
    Bytes header{flags, 0, 0, 0};
    append(header, little_endian(static_cast<std::uint64_t>(canvas.width - 1), 3));
    append(header, little_endian(static_cast<std::uint64_t>(canvas.height - 1), 3));
    Bytes body = text_bytes("WEBP");
    append(body, webp_chunk("VP8X", header));
    append(body, chunks);
    return webp_chunk("RIFF", body);
}

/// The picture chunk of a plain file, without its container.
inline Bytes webp_picture_chunk(const Image& image, int quality) {
    const Bytes file = encode_webp(image, quality);
    return {file.begin() + 12, file.end()};
}

}  // namespace affectsr::testing
