#include "affectsr/image/kept_exif.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "affectsr/image/exif.h"
#include "affectsr/image/test_pictures.h"
#include "affectsr/image/tiff_reader.h"

namespace affectsr {
namespace {

using namespace testing;

/// A camera's block in big-endian order: its name, orientation 6, exposure and width, latitude, maker's notes, and a
/// preview in a second directory.
Bytes camera_exif() {
    const auto entry = [](Bytes& to, unsigned tag, unsigned type, unsigned count, std::uint64_t value,
                          int value_bytes) {
        append(to, big_endian(tag, 2)), append(to, big_endian(type, 2)), append(to, big_endian(count, 4));
        append(to, big_endian(value, value_bytes));
        for (int i = value_bytes; i < 4; ++i) to.push_back(0);
    };
    Bytes block = text_bytes(std::string_view("MM\0*", 4));
    append(block, big_endian(8, 4));
    append(block, big_endian(4, 2));     // main, at 8
    entry(block, 0x010F, 2, 7, 62, 4);   // Make, at 62
    entry(block, 0x0112, 3, 1, 6, 2);    // orientation
    entry(block, 0x8769, 4, 1, 70, 4);   // Exif, at 70
    entry(block, 0x8825, 4, 1, 124, 4);  // GPS, at 124
    append(block, big_endian(160, 4));   // next: the preview's, at 160
    append(block, text_bytes(std::string_view("Camera\0\0", 8)));
    append(block, big_endian(3, 2));            // Exif, at 70
    entry(block, 0x829A, 5, 1, 112, 4);         // exposure time, at 112
    entry(block, 0x927C, 7, 4, 0xDEADBEEF, 4);  // maker's notes
    entry(block, 0xA002, 3, 1, 400, 2);         // width
    append(block, big_endian(0, 4));
    append(block, big_endian(1, 4)), append(block, big_endian(250, 4));  // 1/250 s, at 112
    block.resize(124);
    append(block, big_endian(1, 2));        // GPS, at 124
    entry(block, 0x0001, 2, 2, 0x4E00, 2);  // "N"
    append(block, big_endian(0, 4));
    block.resize(160);
    append(block, big_endian(1, 2));  // preview
    entry(block, 0x0201, 4, 1, 180, 4);
    append(block, big_endian(0, 4));
    append(block, text_bytes("preview"));
    return block;
}

bool contains(const Bytes& bytes, std::string_view text) {
    return std::search(bytes.begin(), bytes.end(), text.begin(), text.end()) != bytes.end();
}

/// The value of a numeric entry of the directory at `at`; 0: it is not there.
std::uint32_t entry_of(const TiffReader& tiff, std::size_t at, std::uint32_t tag) {
    for (std::uint32_t i = 0; i < tiff.number(at, 2); ++i) {
        const std::size_t entry = at + 2 + i * 12;
        if (tiff.number(entry, 2) == tag) return tiff.number(entry + 8, tiff.number(entry + 2, 2) == 3 ? 2 : 4);
    }
    return 0;
}

TEST(KeptExif, TheCamerasEntriesStayAndThePictureStandsUpright) {
    const Bytes kept = kept_exif(camera_exif(), {1600, 1200}, true);
    const TiffReader tiff = open_tiff(kept).value();
    EXPECT_FALSE(tiff.little_endian);
    EXPECT_EQ(exif_orientation(kept), 1);
    EXPECT_TRUE(contains(kept, "Camera"));
    const std::uint32_t main = tiff.number(4, 4), exif = entry_of(tiff, main, 0x8769);
    EXPECT_EQ(entry_of(tiff, exif, 0xA002), 1600U);
    const std::uint32_t exposure = entry_of(tiff, exif, 0x829A);
    EXPECT_EQ(tiff.number(exposure, 4), 1U);
    EXPECT_EQ(tiff.number(exposure + 4, 4), 250U);
    EXPECT_NE(entry_of(tiff, main, 0x8825), 0U);
    EXPECT_EQ(entry_of(tiff, entry_of(tiff, main, 0x8825), 1) >> 24, std::uint32_t{'N'});
}

TEST(KeptExif, PreviewsAndMakersNotesGoAndThePlaceOnWish) {
    const Bytes kept = kept_exif(camera_exif(), {10, 10}, true), placeless = kept_exif(camera_exif(), {10, 10}, false);
    for (const Bytes& block : {kept, placeless}) {
        EXPECT_FALSE(contains(block, "preview"));
        EXPECT_FALSE(contains(block, "\xDE\xAD\xBE\xEF"));
    }
    const TiffReader tiff = open_tiff(placeless).value();
    EXPECT_EQ(entry_of(tiff, 8, 0x8825), 0U);
    EXPECT_FALSE(contains(placeless, "N")) << "not even as bytes that nothing leads to";
}

TEST(KeptExif, WhatIsDamagedOrEmptyIsLeftOut) {
    EXPECT_TRUE(kept_exif({}, {10, 10}, true).empty());
    EXPECT_TRUE(kept_exif(text_bytes("no exif at all"), {10, 10}, true).empty());
    EXPECT_TRUE(kept_exif(exif_block(6), {10, 10}, true).empty()) << "an orientation alone is nothing to keep";
    const Bytes whole = camera_exif();
    for (std::size_t n = 0; n < whole.size(); ++n)
        EXPECT_NO_THROW(kept_exif(std::span(whole).first(n), {10, 10}, true)) << n << " bytes";
    Bytes round = whole;
    std::copy_n(big_endian(8, 4).begin(), 4, round.begin() + 42);  // the Exif entry leads to the main directory
    EXPECT_NO_THROW(kept_exif(round, {10, 10}, true));
}

}  // namespace
}  // namespace affectsr
