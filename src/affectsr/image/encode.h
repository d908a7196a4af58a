// Pictures → the bytes of a file.
#pragma once

#include <cstdint>
#include <vector>

#include "affectsr/image/image.h"

namespace affectsr {

/// JPEG, baseline, 4:2:0 chroma (4:4:4 from quality 90), `quality` 1–100. All three throw UsageError for a quality
/// outside 1–100 or a side that the format cannot hold, Bug for an empty picture. Thread-safe.
std::vector<std::uint8_t> encode_jpeg(const Image&, int quality = 95);
/// PNG, 8-bit RGB.
std::vector<std::uint8_t> encode_png(const Image&);
/// WebP: lossless at quality 100, else lossy.
std::vector<std::uint8_t> encode_webp(const Image&, int quality = 95);

}  // namespace affectsr
