#include "affectsr/image/codec.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <random>

#include "affectsr/image/test_pictures.h"

namespace affectsr {
namespace {

using testing::append;
using testing::big_endian;
using testing::Bytes;
using testing::code_of;
using testing::decode_code;
using testing::largest_difference;
using testing::little_endian;
using testing::smooth_picture;
using testing::text_bytes;

/// The first chunk of a PNG, which is all that its size is read from.
Bytes png_claiming(std::uint64_t width, std::uint64_t height) {
    Bytes png = text_bytes("\x89PNG\r\n\x1A\n");
    append(png, big_endian(13, 4));
    append(png, "IHDR");
    append(png, big_endian(width, 4));
    append(png, big_endian(height, 4));
    append(png, Bytes{8, 2, 0, 0, 0, 0, 0, 0, 0});
    png.resize(200);
    return png;
}

/// A sound JPEG whose frame header claims another size.
Bytes jpeg_claiming(std::uint64_t width, std::uint64_t height) {
    Bytes jpeg = encode_jpeg(smooth_picture(16, 16));
    const Bytes frame{0xFF, 0xC0};
    const auto at = std::search(jpeg.begin(), jpeg.end(), frame.begin(), frame.end());
    const Bytes height_bytes = big_endian(height, 2), width_bytes = big_endian(width, 2);
    std::copy(height_bytes.begin(), height_bytes.end(), at + 5);
    std::copy(width_bytes.begin(), width_bytes.end(), at + 7);
    return jpeg;
}

Bytes webp_of(std::string_view tag, const Bytes& payload) {
    Bytes webp = text_bytes("RIFF");
    append(webp, little_endian(4 + 8 + payload.size(), 4));
    append(webp, "WEBP");
    append(webp, tag);
    append(webp, little_endian(payload.size(), 4));
    append(webp, payload);
    return webp;
}

/// The extended header with its canvas.
Bytes webp_canvas_claiming(std::uint64_t width, std::uint64_t height) {
    Bytes payload(4);
    append(payload, little_endian(width - 1, 3));
    append(payload, little_endian(height - 1, 3));
    return webp_of("VP8X", payload);
}

/// A lossless header: 14 bits a side.
Bytes webp_lossless_claiming(std::uint64_t width, std::uint64_t height) {
    Bytes payload{0x2F};
    append(payload, little_endian((width - 1) | (height - 1) << 14, 4));
    payload.resize(40);
    return webp_of("VP8L", payload);
}

TEST(Codec, RefusesClaimedSizesOverTheLimitsByTheNameOfTheLimit) {
    std::string message;
    for (const Bytes& bomb :
         {png_claiming(20000, 20000), png_claiming(65535, 65535), png_claiming(1u << 31, 1), png_claiming(1, 1u << 31),
          png_claiming(0xFFFFFFFF, 0xFFFFFFFF), jpeg_claiming(20000, 20000), jpeg_claiming(65535, 65535),
          jpeg_claiming(65535, 1), webp_canvas_claiming(20000, 20000), webp_canvas_claiming(1 << 24, 1 << 24)}) {
        EXPECT_EQ(decode_code(bomb, &message), "too_large");
        EXPECT_NE(message.find("16384 px"), std::string::npos) << message;
    }
    for (const Bytes& bomb : {png_claiming(16384, 16384), jpeg_claiming(16000, 16000), webp_canvas_claiming(8000, 8000),
                              webp_lossless_claiming(16384, 16384)}) {
        EXPECT_EQ(decode_code(bomb, &message), "too_large");
        EXPECT_NE(message.find("50000000 pixels"), std::string::npos) << message;
    }
}

TEST(Codec, RefusesPicturesWithoutPixels) {
    for (const Bytes& empty : {png_claiming(0, 7), png_claiming(7, 0), jpeg_claiming(0, 7), jpeg_claiming(7, 0)}) {
        EXPECT_EQ(decode_code(empty), "decode_failed");
    }
}

TEST(Codec, RefusesBombsWithoutTakingMemory) {
    const auto most_memory_kib = [] {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
    };
    const std::vector<Bytes> bombs{png_claiming(65535, 65535),  png_claiming(16384, 16384),
                                   jpeg_claiming(65000, 65000), jpeg_claiming(16000, 16000),
                                   jpeg_claiming(7000, 7000),   webp_lossless_claiming(16384, 16384),
                                   png_claiming(7000, 7000),    webp_lossless_claiming(7000, 7000)};
    const long memory_before = most_memory_kib();
    for (const Bytes& bomb : bombs) {
        EXPECT_NE(decode_code(bomb), "");
    }
    EXPECT_LT(most_memory_kib() - memory_before, 8 * 1024);
}

TEST(Codec, RefusesALargePictureThatWouldGrowFromTooFewBytes) {
    std::string message;
    EXPECT_EQ(decode_code(encode_webp(Image(4000, 4000, 255), 100), &message), "too_large");
    EXPECT_NE(message.find("2000-fold"), std::string::npos) << message;
    EXPECT_EQ(decode_image(encode_jpeg(Image(3000, 2700, 90)), "flat").size(), (ImageSize{3000, 2700}));
}

TEST(Codec, HonoursTheLimitsItIsGiven) {
    const Image image = smooth_picture(30, 20);
    const Bytes png = encode_png(image);
    const auto code = [&png](const ImageLimits& limits) {
        return code_of([&] { decode_image(png, "the picture", limits); });
    };
    EXPECT_EQ(code({.side_px = 30, .area_px = 600}), "");
    EXPECT_EQ(code({.side_px = 29}), "too_large");
    EXPECT_EQ(code({.area_px = 599}), "too_large");
    EXPECT_EQ(code({.file_bytes = 20}), "too_large");
}

TEST(Codec, TellsAnEmptyFileAndAnUnknownFormat) {
    EXPECT_EQ(decode_code({}), "empty_file");
    std::string message;
    EXPECT_EQ(decode_code(text_bytes("only text"), &message), "unknown_format");
    EXPECT_EQ(message.rfind("the picture: ", 0), 0u) << "the name begins the message: " << message;
    EXPECT_EQ(decode_code(text_bytes("GIF89a\xFF\xFF\xFF\xFF")), "unknown_format");
    EXPECT_EQ(decode_code(text_bytes("BM\xFF\xFF\xFF\x7F")), "unknown_format");
    EXPECT_EQ(decode_code(text_bytes("RIFF\x04\x01\x01\x01WAVEfmt ")), "unknown_format");
    EXPECT_EQ(decode_code(text_bytes("\x89")), "unknown_format");
}

TEST(Codec, KeepsEveryByteThroughPngAndLosslessWebp) {
    std::mt19937_64 random(5);
    Image noise(37, 23);
    for (std::uint8_t& value : noise.rgb) value = static_cast<std::uint8_t>(random());
    EXPECT_EQ(decode_image(encode_png(noise), "png"), noise);
    EXPECT_EQ(decode_image(encode_webp(noise, 100), "webp"), noise);
    EXPECT_EQ(decode_image(encode_png(Image(1, 1, 9)), "png"), Image(1, 1, 9));
}

TEST(Codec, KeepsASmoothPictureNearlyThroughJpegAndLossyWebp) {
    const Image image = smooth_picture(64, 48);
    EXPECT_LE(largest_difference(decode_image(encode_jpeg(image), "jpeg"), image), 4);
    EXPECT_LE(largest_difference(decode_image(encode_jpeg(image, 80), "jpeg"), image), 12);
    EXPECT_LE(largest_difference(decode_image(encode_webp(image, 95), "webp"), image), 12);
}

TEST(Codec, RefusesQualitiesAndSidesThatAFormatCannotHold) {
    EXPECT_THROW(encode_jpeg(Image(2, 2), 0), UsageError);
    EXPECT_THROW(encode_jpeg(Image(2, 2), 101), UsageError);
    EXPECT_THROW(encode_webp(Image(2, 2), 0), UsageError);
    EXPECT_THROW(encode_jpeg(Image(65501, 1)), UsageError);
    EXPECT_THROW(encode_webp(Image(16384, 1)), UsageError);
    EXPECT_THROW(encode_png(Image()), Bug);
}

/// The code of the Error, "whole" if all pixels of `expected` come out, "" if others do.
std::string cut_code(std::span<const std::uint8_t> bytes, const Image& expected) {
    bool whole = false;
    const std::string code = code_of([&] { whole = decode_image(bytes, "the picture") == expected; });
    return code.empty() && whole ? "whole" : code;
}

TEST(Codec, CallsACutPictureTruncatedExactlyIfPixelsAreMissing) {
    const Image image = smooth_picture(48, 36);
    const std::vector<std::pair<std::string, Bytes>> files{{"jpeg", encode_jpeg(image)},
                                                           {"png", encode_png(image)},
                                                           {"webp", encode_webp(image, 80)},
                                                           {"lossless webp", encode_webp(image, 100)}};
    for (const auto& [name, whole] : files) {
        const Image expected = decode_image(whole, name);
        bool missing = true;
        for (std::size_t size = 8; size < whole.size(); ++size) {
            const std::string code = cut_code(std::span(whole).first(size), expected);
            missing &= code != "whole";
            EXPECT_EQ(code, missing ? "truncated" : "whole") << name << " cut at " << size << " of " << whole.size();
        }
        // Behind the pixels: an end marker and padding bits; checksums and an end chunk; a byte of padding.
        const std::size_t behind = name == "png" ? 24 : 4;
        EXPECT_EQ(cut_code(std::span(whole).first(whole.size() - behind - 1), expected), "truncated") << name;
    }
}

TEST(Codec, SurvivesEveryShortPrefix) {
    for (const Bytes& whole : {encode_jpeg(smooth_picture(8, 8)), encode_png(smooth_picture(8, 8)),
                               encode_webp(smooth_picture(8, 8), 80), encode_webp(smooth_picture(8, 8), 100)}) {
        const Image expected = decode_image(whole, "whole");
        for (std::size_t size = 0; size < whole.size(); ++size) {
            EXPECT_NE(cut_code(std::span(whole).first(size), expected), "") << size;
        }
    }
}

TEST(Codec, AcceptsBytesBehindThePicture) {
    for (Bytes file :
         {encode_jpeg(smooth_picture(8, 8)), encode_png(smooth_picture(8, 8)), encode_webp(smooth_picture(8, 8), 80)}) {
        append(file, "\0\0\0 and a note");
        EXPECT_EQ(decode_code(file), "");
    }
}

TEST(Codec, SurvivesFlippedBits) {
    std::mt19937_64 random(2026);
    const Image image = smooth_picture(40, 30);
    const ImageLimits small{.side_px = 512, .area_px = 100'000};  // a flip in the header must not make the test slow
    for (const Bytes& sound : {encode_jpeg(image), encode_jpeg(image, 60), encode_png(image), encode_webp(image, 80),
                               encode_webp(image, 100)}) {
        int refused = 0;
        for (int round = 0; round < 1500; ++round) {
            Bytes damaged = sound;
            for (int flips = 1 + static_cast<int>(random() % 4); flips > 0; --flips) {
                damaged[random() % damaged.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
            }
            try {
                const Image decoded = decode_image(damaged, "damaged", small);
                ASSERT_EQ(decoded.rgb.size(), static_cast<std::size_t>(decoded.width) * decoded.height * 3);
            } catch (const InputError&) {
                ++refused;
            }
        }
        EXPECT_GT(refused, 0);
    }
}

TEST(Codec, SurvivesSplicedFiles) {
    std::mt19937_64 random(7);
    const Image image = smooth_picture(40, 30);
    const std::vector<Bytes> files{encode_jpeg(image), encode_png(image), encode_webp(image, 80)};
    const ImageLimits small{.side_px = 512, .area_px = 100'000};
    for (int round = 0; round < 3000; ++round) {
        Bytes spliced = files[random() % files.size()];
        const Bytes& other = files[random() % files.size()];
        const std::size_t from = random() % other.size(), count = random() % (other.size() - from);
        const auto at = static_cast<std::ptrdiff_t>(random() % spliced.size());
        spliced.insert(spliced.begin() + at, other.begin() + static_cast<std::ptrdiff_t>(from),
                       other.begin() + static_cast<std::ptrdiff_t>(from + count));
        const std::string code = code_of([&] { decode_image(spliced, "spliced", small); });
        ASSERT_TRUE(code.empty() || code == "decode_failed" || code == "truncated" || code == "too_large" ||
                    code == "unknown_format")
            << code;
    }
}

}  // namespace
}  // namespace affectsr
