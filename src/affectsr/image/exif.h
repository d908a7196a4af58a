// Reads the orientation out of EXIF data and turns a picture upright by it.
#pragma once

#include <cstdint>
#include <span>

#include "affectsr/image/image.h"

namespace affectsr {

/// The orientation (tag 0x0112) in the first directory of a TIFF block, with or without "Exif\0\0" before it: 1–8.
/// 1, which means upright, for anything missing or broken: a damaged note must not cost the picture. Source:
/// EXIF 2.3, 4.6.4.
int exif_orientation(std::span<const std::uint8_t> exif);

/// The picture turned and mirrored so that it stands upright; orientation 1–8, others leave it as it is.
Image upright(Image image, int orientation);

}  // namespace affectsr
