#include "affectsr/image/notes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "affectsr/base/error.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/test_pictures.h"

namespace affectsr {
namespace {

using namespace testing;
using namespace std::string_view_literals;

Bytes encoded(const Image& image, PictureFormat format) {
    if (format == PictureFormat::jpeg) return encode_jpeg(image);
    return format == PictureFormat::png ? encode_png(image) : encode_webp(image);
}

constexpr PictureFormat kFormats[] = {PictureFormat::jpeg, PictureFormat::png, PictureFormat::webp};

PictureNotes some_notes() {
    PictureNotes notes;
    notes.xmp = "<x:xmpmeta>“quoted”</x:xmpmeta>";  // of odd length in bytes
    notes.exif = exif_block(1);
    for (int i = 0; i < 100'001; ++i) notes.profile.push_back(static_cast<std::uint8_t>(i * 7 + i / 256));
    return notes;
}

/// Where the text begins; −1: nowhere.
std::ptrdiff_t place_of(const Bytes& bytes, std::string_view text) {
    const auto found = std::search(bytes.begin(), bytes.end(), text.begin(), text.end());
    return found == bytes.end() ? -1 : found - bytes.begin();
}

TEST(Notes, WhatIsWrittenIsReadAndThePixelsStay) {
    for (const PictureFormat format : kFormats)
        for (const Image& image : {smooth_picture(33, 21), smooth_picture(1, 1)}) {
            PictureNotes notes = some_notes();
            if (format == PictureFormat::png) notes.texts = {{"Software", "affectsr"}, {"other", ""}};
            const Bytes plain = encoded(image, format), noted = with_notes(plain, notes);
            EXPECT_TRUE(read_notes(noted) == notes) << ending_of(format);
            EXPECT_EQ(decode_image(noted, "noted"), decode_image(plain, "plain")) << ending_of(format);
            EXPECT_TRUE(read_notes(plain) == PictureNotes{});
            EXPECT_EQ(with_notes(plain, {}), plain);
        }
}

TEST(Notes, EachKindMayStandAlone) {
    for (const PictureFormat format : kFormats) {
        const Bytes plain = encoded(smooth_picture(8, 8), format);
        PictureNotes xmp, exif, profile;
        xmp.xmp = "x", exif.exif = exif_block(1), profile.profile = {1, 2, 3};
        for (const PictureNotes& notes : {xmp, exif, profile})
            EXPECT_TRUE(read_notes(with_notes(plain, notes)) == notes) << ending_of(format);
    }
}

TEST(Notes, AJpegHasThemInSegmentsBehindJfif) {
    const Bytes noted = with_notes(encoded(smooth_picture(8, 8), PictureFormat::jpeg), some_notes());
    EXPECT_EQ(place_of(noted, "JFIF"), 6) << "the first segment";
    const std::ptrdiff_t exif = place_of(noted, "Exif\0\0"sv),
                         xmp = place_of(noted, "http://ns.adobe.com/xap/1.0/\0<x:"sv);
    ASSERT_GT(exif, 0);
    ASSERT_GT(xmp, exif);
    EXPECT_EQ(noted[static_cast<std::size_t>(xmp) - 3], 0xE1) << "APP1";
    const std::size_t length = 2 + 29 + some_notes().xmp.size();
    EXPECT_EQ(noted[static_cast<std::size_t>(xmp) - 1], length)
        << "two bytes of length, the name and its zero, the packet";
    const std::ptrdiff_t first = place_of(noted, "ICC_PROFILE\0\x01\x02"sv),
                         second = place_of(noted, "ICC_PROFILE\0\x02\x02"sv);
    EXPECT_GT(first, xmp);
    EXPECT_GT(second, first) << "a profile of 100 kB in two parts";
}

TEST(Notes, APngHasThemInChunksBeforeItsPixels) {
    PictureNotes notes = some_notes();
    notes.texts = {{"Software", "affectsr"}};
    const Bytes noted = with_notes(encoded(smooth_picture(8, 8), PictureFormat::png), notes);
    EXPECT_EQ(place_of(noted, "IHDR"), 12);
    const std::ptrdiff_t pixels = place_of(noted, "IDAT");
    for (const std::string_view chunk :
         {"iCCPICC profile\0\0"sv, "eXIfMM\0*"sv, "tEXtSoftware\0affectsr"sv, "iTXtXML:com.adobe.xmp\0\0\0\0\0<x:"sv}) {
        const std::ptrdiff_t at =
            std::max(place_of(noted, chunk), chunk.starts_with("eXIf") ? place_of(noted, "eXIfII*\0"sv) : -1);
        EXPECT_GT(at, 12) << chunk;
        EXPECT_LT(at, pixels) << chunk;
    }
}

TEST(Notes, AWebpHasThemInAnExtendedFile) {
    const Image image = smooth_picture(33, 21);
    const Bytes plain = encoded(image, PictureFormat::webp), noted = with_notes(plain, some_notes());
    EXPECT_EQ(place_of(noted, "VP8X"), 12);
    EXPECT_EQ(noted[20], 0x04 | 0x08 | 0x20) << "XMP, EXIF, profile";
    EXPECT_EQ(noted[24], 32) << "width − 1";
    EXPECT_EQ(noted[27], 20) << "height − 1";
    EXPECT_EQ(noted.size() % 2, 0U);
    EXPECT_EQ(noted[4] + 256 * noted[5] + 65536 * noted[6], static_cast<int>(noted.size()) - 8);
    EXPECT_LT(place_of(noted, "ICCP"), place_of(noted, "VP8 "));
    EXPECT_LT(place_of(noted, "VP8 "), place_of(noted, "EXIF"));
    EXPECT_LT(place_of(noted, "EXIF"), place_of(noted, "XMP "));
    const Bytes lossless = encode_webp(image, 100);
    EXPECT_EQ(decode_image(with_notes(lossless, some_notes()), "lossless"), image);
}

TEST(Notes, BytesThatEndAnywhereAreReadWithoutAFault) {
    for (const PictureFormat format : kFormats) {
        PictureNotes notes = some_notes();
        notes.profile.resize(300);
        const Bytes noted = with_notes(encoded(smooth_picture(8, 8), format), notes);
        for (std::size_t n = 0; n < noted.size(); ++n) EXPECT_NO_THROW(read_notes(std::span(noted).first(n)));
        Bytes damaged = noted;
        for (std::size_t i = 12; i < damaged.size(); i += 3) {
            damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ 0xFF);
            EXPECT_NO_THROW(read_notes(damaged));
        }
    }
    EXPECT_TRUE(read_notes(text_bytes("no picture")) == PictureNotes{});
}

TEST(Notes, WhatAJpegCannotHoldIsRefused) {
    const Bytes plain = encoded(smooth_picture(8, 8), PictureFormat::jpeg);
    PictureNotes notes;
    notes.xmp.assign(65504, 'x');
    EXPECT_EQ(read_notes(with_notes(plain, notes)).xmp.size(), 65504U);
    notes.xmp += 'x';
    EXPECT_THROW(with_notes(plain, notes), UsageError);
    EXPECT_THROW(with_notes(text_bytes("no picture"), notes), Bug);
}

}  // namespace
}  // namespace affectsr
