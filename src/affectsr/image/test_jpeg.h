// JPEG files of every kind for the tests of this room, made by libjpeg but not through our codec.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

// libjpeg's headers use FILE and size_t without including them.
#include <jpeglib.h>

#include "affectsr/image/test_pictures.h"

namespace affectsr::testing {

struct JpegOptions {
    J_COLOR_SPACE given = JCS_RGB;  // of the samples
    J_COLOR_SPACE stored = JCS_YCbCr;
    bool adobe = false;  // write Adobe's marker
    bool progressive = false;
    bool arithmetic = false;
    bool quarter_chroma = false;  // 4:2:0 instead of 4:4:4
    int restart_rows = 0;         // rows of blocks between restart markers; 0: none
    Bytes exif = {};
    std::vector<jpeg_scan_info> scans = {};
};

/// `samples`: height × width × components bytes.
inline Bytes make_jpeg(const Bytes& samples, ImageSize size, int components, const JpegOptions& options) {
    jpeg_compress_struct encoder{};
    jpeg_error_mgr errors{};
    encoder.err = jpeg_std_error(&errors);  // a mistake in a test may end the program
    jpeg_create_compress(&encoder);
    unsigned char* bytes = nullptr;
    unsigned long count = 0;
    jpeg_mem_dest(&encoder, &bytes, &count);
    encoder.image_width = static_cast<JDIMENSION>(size.width);
    encoder.image_height = static_cast<JDIMENSION>(size.height);
    encoder.input_components = components;
    encoder.in_color_space = options.given;
    jpeg_set_defaults(&encoder);
    jpeg_set_colorspace(&encoder, options.stored);
    jpeg_set_quality(&encoder, 95, TRUE);
    for (int i = 0; i < encoder.num_components; ++i) {
        const bool full = options.quarter_chroma && (i == 0 || i == 3);
        encoder.comp_info[i].h_samp_factor = encoder.comp_info[i].v_samp_factor = full ? 2 : 1;
    }
    encoder.restart_in_rows = options.restart_rows;
    encoder.write_Adobe_marker = options.adobe ? TRUE : FALSE;
    encoder.arith_code = options.arithmetic ? TRUE : FALSE;
    if (options.progressive) jpeg_simple_progression(&encoder);
    if (!options.scans.empty()) {
        encoder.scan_info = options.scans.data();
        encoder.num_scans = static_cast<int>(options.scans.size());
    }
    jpeg_start_compress(&encoder, TRUE);
    if (!options.exif.empty()) {
        Bytes marker = text_bytes(std::string_view("Exif\0\0", 6));
        append(marker, options.exif);
        jpeg_write_marker(&encoder, JPEG_APP0 + 1, marker.data(), static_cast<unsigned>(marker.size()));
    }
    Bytes rows = samples;
    while (encoder.next_scanline < encoder.image_height) {
        JSAMPROW row = rows.data() + static_cast<std::size_t>(encoder.next_scanline) * encoder.image_width * components;
        jpeg_write_scanlines(&encoder, &row, 1);
    }
    jpeg_finish_compress(&encoder);
    Bytes made(bytes, bytes + count);
    std::free(bytes);
    jpeg_destroy_compress(&encoder);
    return made;
}

inline Bytes make_jpeg(const Image& image, const JpegOptions& options = {}) {
    return make_jpeg(image.rgb, image.size(), 3, options);
}

/// Four inks (0: none, 255: full; `inverted`: the other way round, as files hold them) that print as `image`, with half
/// as much black as the pixel allows.
inline Bytes inks_of(const Image& image, bool inverted) {
    Bytes inks;
    for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
        const int lightest = std::max({int{image.rgb[i]}, int{image.rgb[i + 1]}, int{image.rgb[i + 2]}, 1});
        const int black = (255 - lightest) / 2;
        for (std::size_t c = 0; c < 3; ++c)
            inks.push_back(static_cast<std::uint8_t>(255 - image.rgb[i + c] * 255 / (255 - black)));
        inks.push_back(static_cast<std::uint8_t>(black));
    }
    if (inverted) {
        for (std::uint8_t& ink : inks) ink = static_cast<std::uint8_t>(255 - ink);
    }
    return inks;
}

}  // namespace affectsr::testing
