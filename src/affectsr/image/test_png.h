// PNG files of every kind for the tests of this room, made by libpng but not through our codec.
#pragma once

#include <png.h>

#include <optional>
#include <vector>

#include "affectsr/image/test_pictures.h"

namespace affectsr::testing {

struct PngOptions {
    int colour = PNG_COLOR_TYPE_RGB;
    int bits = 8;
    bool interlaced = false;
    std::vector<png_color> palette = {};
    Bytes palette_alpha = {};
    std::optional<png_color_16> clear_colour = {};  // of pictures without palette and alpha
    Bytes exif = {};
};

/// `rows`: the packed bytes of all rows, as the file stores them before compression.
inline Bytes make_png(const Bytes& rows, ImageSize size, const PngOptions& options) {
    Bytes made;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(
        png, &made,
        [](png_structp writer, png_bytep from, std::size_t count) {
            append(*static_cast<Bytes*>(png_get_io_ptr(writer)), {from, count});
        },
        nullptr);
    png_set_IHDR(png, info, static_cast<png_uint_32>(size.width), static_cast<png_uint_32>(size.height), options.bits,
                 options.colour, options.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (!options.palette.empty())
        png_set_PLTE(png, info, options.palette.data(), static_cast<int>(options.palette.size()));
    if (!options.palette_alpha.empty()) {
        png_set_tRNS(png, info, options.palette_alpha.data(), static_cast<int>(options.palette_alpha.size()), nullptr);
    }
    if (options.clear_colour) png_set_tRNS(png, info, nullptr, 0, &*options.clear_colour);
    Bytes exif = options.exif;
    if (!exif.empty()) png_set_eXIf_1(png, info, static_cast<png_uint_32>(exif.size()), exif.data());
    png_write_info(png, info);
    const std::size_t stride = rows.size() / static_cast<std::size_t>(size.height);
    std::vector<const std::uint8_t*> row_starts;
    for (int y = 0; y < size.height; ++y) row_starts.push_back(rows.data() + static_cast<std::size_t>(y) * stride);
    png_write_image(png, const_cast<png_bytepp>(row_starts.data()));
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return made;
}

}  // namespace affectsr::testing
