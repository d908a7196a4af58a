// What a picture's file says beside its pixels: XMP, EXIF, a colour profile, texts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "affectsr/image/picture_format.h"

namespace affectsr {

/// Notes of one picture; empty members are not there.
struct PictureNotes {
    std::string xmp;                    ///< an XMP packet, UTF-8 (ISO 16684-1)
    std::vector<std::uint8_t> exif;     ///< a TIFF block, without "Exif\0\0" before it
    std::vector<std::uint8_t> profile;  ///< an ICC colour profile
    /// PNG only: keyword (1–79 Latin letters) and ASCII text. Read are those that were written so (tEXt).
    std::vector<std::pair<std::string, std::string>> texts;
    bool operator==(const PictureNotes&) const = default;
};

/// The notes in the bytes of a JPEG (APP1, APP2), PNG (iTXt, eXIf, iCCP, tEXt) or WebP (XMP, EXIF, ICCP); of other or
/// damaged bytes what can be read, and never an exception for them: a damaged note must not cost a picture. The first
/// of each kind counts; a profile of more than 4 MiB is left out. Thread-safe.
PictureNotes read_notes(std::span<const std::uint8_t> bytes);

/// The same picture with these notes. `bytes` come from encode_jpeg, encode_png or encode_webp and carry none. In a
/// JPEG an EXIF block or XMP packet of more than 64 KiB has no place: throws UsageError. Throws Bug for bytes that no
/// encoder here has made. Thread-safe. Sources: Exif 2.32, 4.7.2; XMP part 3 (JPEG, PNG), ICC.1 annex B.4; PNG third
/// edition, 11.3; RFC 9649, 2.7.
std::vector<std::uint8_t> with_notes(std::vector<std::uint8_t> bytes, const PictureNotes& notes);

}  // namespace affectsr
