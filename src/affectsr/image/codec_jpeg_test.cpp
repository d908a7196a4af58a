#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <jpeglib.h>

#include "affectsr/image/codec.h"
#include "affectsr/image/test_pictures.h"

namespace affectsr {
namespace {

using testing::append;
using testing::big_endian;
using testing::Bytes;
using testing::decode_code;
using testing::exif_block;
using testing::largest_difference;
using testing::smooth_picture;
using testing::stored_by_camera;

struct JpegOptions {
    J_COLOR_SPACE given = JCS_RGB;  // of the samples
    J_COLOR_SPACE stored = JCS_YCbCr;
    bool adobe = false;  // write Adobe's marker
    bool progressive = false;
    bool arithmetic = false;
    Bytes exif = {};
    std::vector<jpeg_scan_info> scans = {};
};

/// `samples`: height × width × components bytes.
Bytes make_jpeg(const Bytes& samples, ImageSize size, int components, const JpegOptions& options) {
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
        encoder.comp_info[i].h_samp_factor = encoder.comp_info[i].v_samp_factor = 1;
    }
    encoder.write_Adobe_marker = options.adobe ? TRUE : FALSE;
    encoder.arith_code = options.arithmetic ? TRUE : FALSE;
    if (options.progressive) jpeg_simple_progression(&encoder);
    if (!options.scans.empty()) {
        encoder.scan_info = options.scans.data();
        encoder.num_scans = static_cast<int>(options.scans.size());
    }
    jpeg_start_compress(&encoder, TRUE);
    if (!options.exif.empty()) {
        Bytes marker = testing::text_bytes(std::string_view("Exif\0\0", 6));
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

Bytes make_jpeg(const Image& image, const JpegOptions& options = {}) {
    return make_jpeg(image.rgb, image.size(), 3, options);
}

Image decode(const Bytes& bytes) {
    return decode_image(bytes, "the picture");
}

/// Four inks (0: none, 255: full) that print as `image`, with as much black as the pixel allows, or half of that.
Bytes inks_of(const Image& image, bool inverted) {
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

TEST(CodecJpeg, ReadsBaselineProgressiveAndArithmeticAlike) {
    const Image image = smooth_picture(50, 37);
    const Image baseline = decode(make_jpeg(image));
    EXPECT_LE(largest_difference(baseline, image), 4);
    EXPECT_EQ(decode(make_jpeg(image, {.progressive = true})), baseline);
    EXPECT_EQ(decode(make_jpeg(image, {.arithmetic = true})), baseline);
}

TEST(CodecJpeg, ReadsGreyAsThreeEqualChannels) {
    Bytes grey(32 * 16);
    for (std::size_t i = 0; i < grey.size(); ++i) grey[i] = static_cast<std::uint8_t>(i % 32 * 8);
    const Image image = decode(make_jpeg(grey, {32, 16}, 1, {.given = JCS_GRAYSCALE, .stored = JCS_GRAYSCALE}));
    for (std::size_t i = 0; i < grey.size(); ++i) {
        EXPECT_NEAR(image.rgb[3 * i], grey[i], 3);
        EXPECT_EQ(image.rgb[3 * i], image.rgb[3 * i + 1]);
        EXPECT_EQ(image.rgb[3 * i], image.rgb[3 * i + 2]);
    }
}

TEST(CodecJpeg, ReadsRgbThatWasStoredWithoutConversion) {
    const Image image = smooth_picture(24, 24);
    EXPECT_LE(largest_difference(decode(make_jpeg(image, {.stored = JCS_RGB, .adobe = true})), image), 4);
}

TEST(CodecJpeg, ReadsFourInksPlainAndInvertedByAdobe) {
    const Image image = smooth_picture(40, 24);
    const Bytes plain = make_jpeg(inks_of(image, false), image.size(), 4, {.given = JCS_CMYK, .stored = JCS_CMYK});
    const Bytes adobe =
        make_jpeg(inks_of(image, true), image.size(), 4, {.given = JCS_CMYK, .stored = JCS_CMYK, .adobe = true});
    const Bytes ycck =
        make_jpeg(inks_of(image, true), image.size(), 4, {.given = JCS_CMYK, .stored = JCS_YCCK, .adobe = true});
    EXPECT_LE(largest_difference(decode(plain), image), 4);
    EXPECT_LE(largest_difference(decode(adobe), image), 4);
    EXPECT_LE(largest_difference(decode(ycck), image), 6);
}

TEST(CodecJpeg, TurnsThePictureUprightByItsExif) {
    const Image image = smooth_picture(40, 24);
    for (int orientation = 1; orientation <= 8; ++orientation) {
        for (const bool little : {true, false}) {
            const Bytes jpeg =
                make_jpeg(stored_by_camera(image, orientation), {.exif = exif_block(orientation, little)});
            EXPECT_LE(largest_difference(decode(jpeg), image), 4) << orientation;
        }
    }
}

TEST(CodecJpeg, IgnoresDamagedExif) {
    Bytes damaged = exif_block(6);
    damaged.resize(11);
    const Image image = smooth_picture(16, 24);
    EXPECT_EQ(decode(make_jpeg(image, {.exif = damaged})), decode(make_jpeg(image)));
}

TEST(CodecJpeg, CallsAProgressiveFileCutAtAnyPercentTruncated) {
    const Bytes whole = make_jpeg(smooth_picture(120, 90), {.progressive = true});
    for (std::size_t percent = 1; percent < 100; ++percent) {
        const std::size_t size = std::max<std::size_t>(whole.size() * percent / 100, 2);
        EXPECT_EQ(decode_code(std::span(whole).first(size)), "truncated") << percent;
    }
}

TEST(CodecJpeg, CallsAFileWithMissingPixelsTruncatedEvenIfItHasAnEndMarker) {
    Bytes jpeg = make_jpeg(smooth_picture(120, 90));
    jpeg.resize(jpeg.size() * 2 / 3);
    append(jpeg, Bytes{0xFF, 0xD9});
    EXPECT_EQ(decode_code(jpeg), "truncated");
}

TEST(CodecJpeg, CallsALargeFileTruncatedRatherThanABombIfItsEndIsMissing) {
    const Bytes whole = make_jpeg(Image(3000, 3000, 60));
    EXPECT_EQ(decode_code(std::span(whole).first(1000)), "truncated");
}

TEST(CodecJpeg, RefusesTwelveBitSamples) {
    Bytes jpeg = make_jpeg(smooth_picture(16, 16));
    const Bytes frame{0xFF, 0xC0};
    *(std::search(jpeg.begin(), jpeg.end(), frame.begin(), frame.end()) + 4) = 12;
    EXPECT_EQ(decode_code(jpeg), "decode_failed");
}

TEST(CodecJpeg, RefusesAProgressiveFileWithThousandsOfScans) {
    // All of the first coefficient in one scan, so that the scan may be repeated without breaking a rule.
    const Bytes grey(64 * 64, 100);
    const Bytes once = make_jpeg(
        grey, {64, 64}, 1,
        {.given = JCS_GRAYSCALE, .stored = JCS_GRAYSCALE, .scans = {{1, {0}, 0, 0, 0, 0}, {1, {0}, 1, 63, 0, 0}}});
    const Bytes start{0xFF, 0xDA};
    const auto first = std::search(once.begin(), once.end(), start.begin(), start.end());
    const Bytes table{0xFF, 0xC4};  // the table of the second scan ends the first
    const auto end = std::search(first, once.end(), table.begin(), table.end());
    ASSERT_NE(end, once.end());
    const auto with_scans = [&](int count) {
        Bytes repeated(once.begin(), first);
        for (int i = 0; i < count; ++i) repeated.insert(repeated.end(), first, end);
        repeated.insert(repeated.end(), end, once.end());
        return repeated;
    };
    EXPECT_EQ(decode_code(with_scans(50)), "");
    std::string message;
    EXPECT_EQ(decode_code(with_scans(5000), &message), "decode_failed");
    EXPECT_NE(message.find("scans"), std::string::npos) << message;
}

}  // namespace
}  // namespace affectsr
