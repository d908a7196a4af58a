#include <gtest/gtest.h>
#include <webp/encode.h>

#include "affectsr/image/codec.h"
#include "affectsr/image/test_webp.h"

namespace affectsr {
namespace {

using testing::append;
using testing::Bytes;
using testing::decode_code;
using testing::exif_block;
using testing::extended_webp;
using testing::kAnimationFlag;
using testing::kExifFlag;
using testing::largest_difference;
using testing::little_endian;
using testing::smooth_picture;
using testing::stored_by_camera;
using testing::webp_chunk;
using testing::webp_picture_chunk;

Bytes frame(const Bytes& picture, ImageSize size, int left, int top) {
    Bytes payload;
    append(payload, little_endian(static_cast<std::uint64_t>(left / 2), 3));
    append(payload, little_endian(static_cast<std::uint64_t>(top / 2), 3));
    append(payload, little_endian(static_cast<std::uint64_t>(size.width - 1), 3));
    append(payload, little_endian(static_cast<std::uint64_t>(size.height - 1), 3));
    append(payload, little_endian(100, 3));  // ms
    payload.push_back(0);
    append(payload, picture);
    return webp_chunk("ANMF", payload);
}

Image decode(const Bytes& bytes) {
    return decode_image(bytes, "the picture");
}

Bytes encode_rgba(const Bytes& rgba, int width, int height, bool lossless) {
    std::uint8_t* bytes = nullptr;
    const std::size_t size = lossless ? WebPEncodeLosslessRGBA(rgba.data(), width, height, width * 4, &bytes)
                                      : WebPEncodeRGBA(rgba.data(), width, height, width * 4, 95, &bytes);
    Bytes made(bytes, bytes + size);
    WebPFree(bytes);
    return made;
}

TEST(CodecWebp, LaysTransparencyOverWhite) {
    const Bytes pixels{10, 20, 30, 255, 10, 20, 30, 0, 100, 0, 200, 128};
    EXPECT_EQ(decode(encode_rgba(pixels, 3, 1, true)).rgb, (Bytes{10, 20, 30, 255, 255, 255, 177, 127, 227}));

    Bytes half_clear;  // left half opaque blue, right half clear
    for (int i = 0; i < 32 * 32; ++i)
        append(half_clear, Bytes{0, 0, 200, static_cast<std::uint8_t>(i % 32 < 16 ? 255 : 0)});
    const Image lossy = decode(encode_rgba(half_clear, 32, 32, false));
    EXPECT_NEAR(lossy.pixel(4, 16)[2], 200, 6);
    EXPECT_NEAR(lossy.pixel(4, 16)[0], 0, 6);
    EXPECT_EQ(lossy.pixel(28, 16)[0], 255);
}

TEST(CodecWebp, TurnsThePictureUprightByItsExif) {
    const Image image = smooth_picture(12, 7);
    for (int orientation = 1; orientation <= 8; ++orientation) {
        const Image stored = stored_by_camera(image, orientation);
        Bytes chunks = webp_picture_chunk(stored, 100);
        append(chunks, webp_chunk("EXIF", exif_block(orientation)));
        EXPECT_EQ(decode(extended_webp(kExifFlag, stored.size(), chunks)), image) << orientation;
    }
}

TEST(CodecWebp, TakesTheFirstFrameOfAnAnimationAtItsPlaceOnWhite) {
    const Image first = smooth_picture(10, 6);
    Bytes chunks = webp_chunk("ANIM", Bytes(6));
    append(chunks, frame(webp_picture_chunk(first, 100), first.size(), 4, 2));
    append(chunks, frame(webp_picture_chunk(Image(20, 20), 100), {20, 20}, 0, 0));
    const Image decoded = decode(extended_webp(kAnimationFlag, {20, 20}, chunks));
    ASSERT_EQ(decoded.size(), (ImageSize{20, 20}));
    for (int y = 0; y < 20; ++y) {
        for (int x = 0; x < 20; ++x) {
            const bool covered = x >= 4 && x < 14 && y >= 2 && y < 8;
            for (int c = 0; c < 3; ++c) EXPECT_EQ(decoded.pixel(x, y)[c], covered ? first.pixel(x - 4, y - 2)[c] : 255);
        }
    }
}

TEST(CodecWebp, ReadsALossyFirstFrameWithTransparency) {
    Bytes rgba;
    for (int i = 0; i < 16 * 16; ++i) append(rgba, Bytes{0, 0, 200, static_cast<std::uint8_t>(i % 16 < 8 ? 255 : 0)});
    const Bytes file = encode_rgba(rgba, 16, 16, false);
    constexpr std::ptrdiff_t kContainer = 12 + 18;  // RIFF and VP8X; ALPH and VP8 follow
    Bytes chunks = webp_chunk("ANIM", Bytes(6));
    append(chunks, frame(Bytes(file.begin() + kContainer, file.end()), {16, 16}, 0, 0));
    const Image decoded = decode(extended_webp(kAnimationFlag | 0x10, {16, 16}, chunks));
    EXPECT_NEAR(decoded.pixel(2, 8)[2], 200, 6);
    EXPECT_EQ(decoded.pixel(13, 8)[0], 255);
}

TEST(CodecWebp, RefusesAFrameOutsideItsCanvas) {
    const Image first = smooth_picture(10, 6);
    Bytes chunks = webp_chunk("ANIM", Bytes(6));
    append(chunks, frame(webp_picture_chunk(first, 100), first.size(), 12, 2));
    EXPECT_EQ(decode_code(extended_webp(kAnimationFlag, {20, 20}, chunks)), "decode_failed");
}

TEST(CodecWebp, ReadsAPictureWhosePixelsAreAllThereThoughWhatFollowsThemIsNot) {
    const Image image = smooth_picture(12, 7);
    for (const int quality : {80, 100}) {
        const Bytes picture = webp_picture_chunk(image, quality);
        const Image expected = decode(encode_webp(image, quality));
        Bytes chunks = picture;
        append(chunks, webp_chunk("XMP ", Bytes(50, 'x')));
        const Bytes whole = extended_webp(0x04, image.size(), chunks);
        const std::size_t behind_picture = whole.size() - 58;
        for (const std::size_t size : {whole.size(), whole.size() - 1, whole.size() - 50, behind_picture})
            EXPECT_EQ(decode(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))), expected)
                << size;
        const std::size_t padding = picture[4] % 2;  // the length of a small chunk
        EXPECT_EQ(decode_code(std::span(whole).first(behind_picture - padding - 1)), "truncated");
    }
    Bytes chunks = webp_chunk("ANIM", Bytes(6));
    append(chunks, frame(webp_picture_chunk(image, 100), image.size(), 0, 0));
    const std::size_t first_frame_ends = 12 + 18 + chunks.size();
    append(chunks, frame(webp_picture_chunk(Image(20, 20), 100), {20, 20}, 0, 0));
    const Bytes animation = extended_webp(kAnimationFlag, image.size(), chunks);
    EXPECT_EQ(decode(Bytes(animation.begin(), animation.begin() + static_cast<std::ptrdiff_t>(first_frame_ends))),
              image)
        << "only the first frame is looked at";
    EXPECT_EQ(decode_code(std::span(animation).first(first_frame_ends - 3)), "truncated");
}

TEST(CodecWebp, SurvivesContainersThatLieAboutTheirChunks) {
    const Bytes sound = extended_webp(kExifFlag, {12, 7}, webp_picture_chunk(smooth_picture(12, 7), 100));
    for (std::size_t at = 4; at < 40; ++at) {
        for (const std::uint8_t value : {0x00, 0x01, 0x7F, 0xFF}) {
            Bytes lying = sound;
            lying[at] = value;
            const std::string code = decode_code(lying);
            EXPECT_TRUE(code.empty() || code == "decode_failed" || code == "truncated" || code == "too_large" ||
                        code == "unknown_format")
                << at << " " << code;
        }
    }
}

TEST(CodecWebp, RefusesDamagedLossyData) {
    Bytes webp = encode_webp(smooth_picture(64, 64), 80);
    std::fill(webp.begin() + 20, webp.begin() + 23, std::uint8_t{0xFF});  // the frame tag
    EXPECT_EQ(decode_code(webp), "decode_failed");
}

}  // namespace
}  // namespace affectsr
