#include "affectsr/image/exif.h"

#include <algorithm>
#include <optional>

#include "affectsr/image/tiff_reader.h"

namespace affectsr {
namespace {

/// Bytes of a value of the TIFF field types that readers take an orientation from; 0 for the others (TIFF 6.0, page
/// 15).
std::size_t value_size(std::uint32_t type) {
    constexpr std::uint32_t kShort = 3, kLong = 4, kSignedShort = 8, kSignedLong = 9;
    if (type == kShort || type == kSignedShort) return 2;
    return type == kLong || type == kSignedLong ? 4 : 0;
}

}  // namespace

int exif_orientation(std::span<const std::uint8_t> exif) {
    const std::optional<TiffReader> block = open_tiff(exif);
    if (!block) return 1;
    const TiffReader& tiff = *block;

    constexpr std::uint32_t kOrientation = 0x0112;
    constexpr std::size_t kEntryBytes = 12;
    const std::size_t directory = tiff.number(4, 4);
    const std::uint32_t entries = tiff.number(directory, 2);
    for (std::uint32_t i = 0; i < entries; ++i) {
        const std::size_t entry = directory + 2 + i * kEntryBytes;
        if (entry + kEntryBytes > tiff.bytes.size()) break;
        if (tiff.number(entry, 2) != kOrientation) continue;
        // The standard wants SHORT; some cameras and programs write LONG, and readers take it. BYTE they do not.
        const std::size_t size = value_size(tiff.number(entry + 2, 2));
        const std::uint32_t value = tiff.number(entry + 8, size);
        const bool valid = size != 0 && tiff.number(entry + 4, 4) == 1;
        return valid && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }
    return 1;
}

Image upright(Image image, int orientation) {
    if (orientation <= 1 || orientation > 8) return image;
    // EXIF 2.3, table 6, as three switches: 5–8 swap the axes; then rows or columns run backwards.
    const bool swapped = orientation >= 5;
    const bool mirror_x = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
    const bool mirror_y = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
    Image turned(swapped ? image.height : image.width, swapped ? image.width : image.height);
    for (int y = 0; y < turned.height; ++y) {
        const int row = mirror_y ? turned.height - 1 - y : y;
        for (int x = 0; x < turned.width; ++x) {
            const int column = mirror_x ? turned.width - 1 - x : x;
            const std::uint8_t* from = swapped ? image.pixel(row, column) : image.pixel(column, row);
            std::copy_n(from, 3, turned.pixel(x, y));
        }
    }
    return turned;
}

}  // namespace affectsr
