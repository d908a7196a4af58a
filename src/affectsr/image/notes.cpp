#include "affectsr/image/notes.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "affectsr/base/error.h"
#include "affectsr/image/notes_formats.h"

namespace affectsr {

PictureNotes read_notes(std::span<const std::uint8_t> bytes) {
    const std::optional<PictureFormat> format = picture_format(bytes);
    if (format == PictureFormat::jpeg) return notes::read_jpeg(bytes);
    if (format == PictureFormat::png) return notes::read_png(bytes);
    if (format == PictureFormat::webp) return notes::read_webp(bytes);
    return {};
}

std::vector<std::uint8_t> with_notes(std::vector<std::uint8_t> bytes, const PictureNotes& notes) {
    if (notes == PictureNotes{}) return bytes;
    const std::optional<PictureFormat> format = picture_format(bytes);
    AFFECTSR_EXPECT(format.has_value(), "notes are added to a JPEG, PNG or WebP");
    if (format == PictureFormat::jpeg) return notes::write_jpeg(bytes, notes);
    if (format == PictureFormat::png) return notes::write_png(bytes, notes);
    return notes::write_webp(bytes, notes);
}

}  // namespace affectsr
