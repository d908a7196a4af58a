// What of a photograph's EXIF data goes with a picture that was made of it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "affectsr/image/image.h"

namespace affectsr {

/// A new TIFF block with the entries of the main, the Exif and, if `with_place`, the GPS directory of an old one, for
/// an upright picture of this size: orientation 1, the new width and height. Left out are previews, the camera maker's
/// own notes (which break when they are moved and may hold the place, too), other directories, and values of more than
/// 8 KiB. Without anything to keep, and for data that are no EXIF, it is empty; what is damaged is left out.
/// Thread-safe. Source: Exif 2.32, 4.6.
std::vector<std::uint8_t> kept_exif(std::span<const std::uint8_t> exif, ImageSize size, bool with_place);

}  // namespace affectsr
