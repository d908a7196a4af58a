// Which format the bytes of a picture are in.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace affectsr {

/// The formats that are read and written.
enum class PictureFormat { jpeg, png, webp };

/// By the first bytes, never by the name; std::nullopt: none of them. A file that was cut inside its signature still
/// counts as its format.
std::optional<PictureFormat> picture_format(std::span<const std::uint8_t> bytes);

/// ".jpg", ".png", ".webp".
const char* ending_of(PictureFormat format);

/// The longest side that a picture of the format can have, in pixels.
int most_side_px(PictureFormat format);

}  // namespace affectsr
