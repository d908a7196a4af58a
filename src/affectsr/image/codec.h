// Reads and writes PNG, JPEG and WebP; dimensions are checked in the header before a pixel is decoded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "affectsr/image/encode.h"
#include "affectsr/image/image.h"
#include "affectsr/image/limits.h"

namespace affectsr {

/// Decodes one picture to 8-bit RGB, turned upright by its EXIF orientation. Format is told from the first bytes, never
/// from the name. Grey, palette, 16-bit (rounded to 8), RGBA (laid over white) and CMYK/YCCK JPEG (255: no ink, as all
/// decoders take it) are converted; the first frame of an animated WebP is used; what follows the pixels, or is missing
/// there, does not matter. `name` begins every message.
/// Throws InputError with codes `unknown_format`, `truncated` (its bytes end before its pixels do), `decode_failed`
/// (also where a decoder could go on but some pixels would be wrong), `too_large`, `empty_file`; ResourceError
/// `out_of_memory`. Colour profiles are not applied: values are taken as sRGB. Thread-safe. Sources: ITU-T T.81,
/// PNG 1.2, RFC 9649, EXIF 2.3.
Image decode_image(std::span<const std::uint8_t> bytes, const std::string& name, const ImageLimits& limits = {});

/// Reads a whole regular file and decodes it. Directories, FIFOs, sockets and devices are refused without blocking.
/// Throws as decode_image and read_bytes.
Image read_image(const std::filesystem::path& path, const ImageLimits& limits = {});

/// Writes a picture in the format of the path's extension (.png .jpg .jpeg .webp), by atomic rename.
/// Throws UsageError for another extension, ResourceError (`cannot_write`) naming the path otherwise.
void write_image(const std::filesystem::path& path, const Image& image, int quality = 95);

}  // namespace affectsr
