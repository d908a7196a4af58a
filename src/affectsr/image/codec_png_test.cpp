#include <gtest/gtest.h>

#include <random>

#include "affectsr/image/codec.h"
#include "affectsr/image/test_png.h"

namespace affectsr {
namespace {

using testing::append;
using testing::big_endian;
using testing::Bytes;
using testing::decode_code;
using testing::exif_block;
using testing::make_png;
using testing::PngOptions;
using testing::smooth_picture;
using testing::stored_by_camera;

Image decode(const Bytes& bytes) {
    return decode_image(bytes, "the picture");
}

Image grey_picture(int width, int height, const Bytes& levels) {
    Image image(width, height);
    for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = levels[i / 3];
    return image;
}

TEST(CodecPng, ReadsGreyOfEveryDepth) {
    EXPECT_EQ(decode(make_png({0, 100, 200, 255}, {2, 2}, {.colour = PNG_COLOR_TYPE_GRAY})),
              grey_picture(2, 2, {0, 100, 200, 255}));
    EXPECT_EQ(decode(make_png({0b01000000, 0b10000000}, {2, 2}, {.colour = PNG_COLOR_TYPE_GRAY, .bits = 1})),
              grey_picture(2, 2, {0, 255, 255, 0}));
    EXPECT_EQ(decode(make_png({0b00011011}, {4, 1}, {.colour = PNG_COLOR_TYPE_GRAY, .bits = 2})),
              grey_picture(4, 1, {0, 85, 170, 255}));
    EXPECT_EQ(decode(make_png({0x0F, 0x83}, {4, 1}, {.colour = PNG_COLOR_TYPE_GRAY, .bits = 4})),
              grey_picture(4, 1, {0, 255, 136, 51}));
}

TEST(CodecPng, RoundsSixteenBitsToEight) {
    // 0x7FFF · 255 / 65535 = 127.498, 0x8000 gives 127.502; cutting the low byte off would give 127 and 128.
    const Bytes rows{0x00, 0x80, 0x7F, 0xFF, 0x80, 0x00, 0xFF, 0x7E, 0xFF, 0x7F, 0xFF, 0xFF};
    EXPECT_EQ(decode(make_png(rows, {6, 1}, {.colour = PNG_COLOR_TYPE_GRAY, .bits = 16})),
              grey_picture(6, 1, {0, 127, 128, 254, 255, 255}));
    EXPECT_EQ(decode(make_png({0x12, 0xF0, 0x80, 0x00, 0x00, 0x10}, {1, 1}, {.bits = 16})).rgb, (Bytes{19, 128, 0}));
}

TEST(CodecPng, LaysTransparencyOverWhite) {
    const Bytes pixels{10, 20, 30, 255, 10, 20, 30, 0, 100, 0, 200, 128};
    EXPECT_EQ(decode(make_png(pixels, {3, 1}, {.colour = PNG_COLOR_TYPE_RGB_ALPHA})).rgb,
              (Bytes{10, 20, 30, 255, 255, 255, 177, 127, 227}));
    EXPECT_EQ(decode(make_png({40, 255, 40, 0, 0, 51}, {3, 1}, {.colour = PNG_COLOR_TYPE_GRAY_ALPHA})),
              grey_picture(3, 1, {40, 255, 204}));
    const Bytes deep{0x0A, 0x0A, 0x14, 0x14, 0x1E, 0x1E, 0xFF, 0xFF};
    EXPECT_EQ(decode(make_png(deep, {1, 1}, {.colour = PNG_COLOR_TYPE_RGB_ALPHA, .bits = 16})).rgb,
              (Bytes{10, 20, 30}));
}

TEST(CodecPng, ReadsPalettesWithAndWithoutTransparency) {
    PngOptions options{.colour = PNG_COLOR_TYPE_PALETTE};
    options.palette = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}};
    EXPECT_EQ(decode(make_png({2, 0, 1}, {3, 1}, options)).rgb, (Bytes{0, 0, 255, 255, 0, 0, 0, 255, 0}));
    options.palette_alpha = {255, 0};
    EXPECT_EQ(decode(make_png({2, 0, 1}, {3, 1}, options)).rgb, (Bytes{0, 0, 255, 255, 0, 0, 255, 255, 255}));
    options.bits = 2;
    EXPECT_EQ(decode(make_png({0b10000100}, {3, 1}, options)).rgb, (Bytes{0, 0, 255, 255, 0, 0, 255, 255, 255}));
}

TEST(CodecPng, ReadsInterlacedLikePlain) {
    const Image image = smooth_picture(29, 19);
    EXPECT_EQ(decode(make_png(image.rgb, image.size(), {.interlaced = true})), image);
    Bytes rgba;
    for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
        append(rgba, std::span(image.rgb).subspan(i, 3));
        rgba.push_back(255);
    }
    EXPECT_EQ(decode(make_png(rgba, image.size(), {.colour = PNG_COLOR_TYPE_RGB_ALPHA, .interlaced = true})), image);
}

TEST(CodecPng, TurnsThePictureUprightByItsExif) {
    const Image image = smooth_picture(11, 6);
    for (int orientation = 1; orientation <= 8; ++orientation) {
        const Image stored = stored_by_camera(image, orientation);
        EXPECT_EQ(decode(make_png(stored.rgb, stored.size(), {.exif = exif_block(orientation)})), image) << orientation;
    }
}

TEST(CodecPng, ReadsAPictureWhosePixelsAreAllThereThoughItsEndChunkIsNot) {
    const Image image = smooth_picture(29, 19);
    for (const bool interlaced : {false, true}) {
        const Bytes whole = make_png(image.rgb, image.size(), {.interlaced = interlaced});
        constexpr std::size_t kEndChunk = 12;
        const Bytes endless(whole.begin(), whole.end() - kEndChunk);
        for (std::size_t cut = 1; cut <= kEndChunk + 4; ++cut)  // the checksum of the pixels too
            EXPECT_EQ(decode(Bytes(whole.begin(), whole.end() - static_cast<std::ptrdiff_t>(cut))), image) << cut;
        for (const Bytes& trailer : {Bytes(100), Bytes(100, 0xFF), testing::text_bytes("no chunk at all"), whole}) {
            Bytes ended = whole, with_trailer = endless;
            append(ended, trailer);
            append(with_trailer, trailer);
            EXPECT_EQ(decode(ended), image);
            EXPECT_EQ(decode(with_trailer), image);
        }
    }
}

TEST(CodecPng, RefusesAWrongChecksumOfItsLastPixels) {
    const Image image = smooth_picture(29, 19);
    const Bytes sound = encode_png(image);
    for (std::size_t before_end = 1; before_end <= 4; ++before_end) {
        Bytes damaged = sound;
        damaged[damaged.size() - 12 - before_end] ^= 0x40;
        EXPECT_EQ(decode_code(damaged), "decode_failed") << before_end;
        damaged.erase(damaged.end() - 12, damaged.end());
        EXPECT_EQ(decode_code(damaged), "decode_failed") << before_end << ", no end chunk";
    }
}

TEST(CodecPng, RefusesDamagedPixels) {
    std::mt19937_64 random(1);
    Image noise(30, 30);
    for (std::uint8_t& value : noise.rgb) value = static_cast<std::uint8_t>(random());
    Bytes png = encode_png(noise);
    png[png.size() / 2] ^= 0x10;
    EXPECT_EQ(decode_code(png), "decode_failed");
}

TEST(CodecPng, RefusesAFileWhosePixelsEndEarly) {
    // The header is made to claim a row more than there is; its checksum is set right again by writing it anew.
    const Image image = smooth_picture(16, 8);
    Bytes png = encode_png(image);
    const Bytes taller = encode_png(smooth_picture(16, 9));
    std::copy_n(taller.begin(), 33, png.begin());  // signature and IHDR
    EXPECT_EQ(decode_code(png), "decode_failed");
}

TEST(CodecPng, StepsOverTextsAndProfilesThatAreBombsThemselves) {
    const Image image = smooth_picture(16, 8);
    const Bytes png = encode_png(image);
    // A compressed text of a megabyte of nothing that is not even a valid stream, with no valid checksum: never
    // unpacked.
    Bytes with_text(png.begin(), png.begin() + 33);
    append(with_text, big_endian(1'000'000, 4));
    append(with_text, "zTXtkey");
    with_text.resize(with_text.size() + 1'000'000 - 3 + 4);
    with_text.insert(with_text.end(), png.begin() + 33, png.end());
    EXPECT_EQ(decode(with_text), image);
}

}  // namespace
}  // namespace affectsr
