#include "affectsr/image/exif.h"

#include <gtest/gtest.h>

#include <random>

#include "affectsr/image/test_pictures.h"

namespace affectsr {
namespace {

using testing::append;
using testing::Bytes;
using testing::exif_block;
using testing::smooth_picture;
using testing::stored_by_camera;

TEST(Exif, ReadsTheOrientationInBothByteOrders) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
        EXPECT_EQ(exif_orientation(exif_block(orientation, true)), orientation);
        EXPECT_EQ(exif_orientation(exif_block(orientation, false)), orientation);
    }
}

TEST(Exif, ReadsTheOrientationFromShortAndLong) {
    using enum testing::TiffType;
    for (const testing::TiffType type : {two_bytes, four_bytes, signed_two, signed_four}) {
        for (const bool little : {true, false}) {
            for (int orientation = 1; orientation <= 8; ++orientation)
                EXPECT_EQ(exif_orientation(exif_block(orientation, little, type)), orientation)
                    << static_cast<int>(type) << (little ? " II" : " MM");
        }
    }
    EXPECT_EQ(exif_orientation(exif_block(0x00010006, true, testing::TiffType::four_bytes)), 1) << "65542 is none";
    EXPECT_EQ(exif_orientation(exif_block(0x00060000, false, testing::TiffType::four_bytes)), 1);
}

TEST(Exif, AcceptsTheBlockAsAJpegSegmentHoldsIt) {
    Bytes segment = testing::text_bytes(std::string_view("Exif\0\0", 6));
    append(segment, exif_block(6));
    EXPECT_EQ(exif_orientation(segment), 6);
    segment[5] = 0xFF;  // some writers leave the fill byte to chance
    EXPECT_EQ(exif_orientation(segment), 6);
}

TEST(Exif, TakesAnythingBrokenAsUpright) {
    EXPECT_EQ(exif_orientation({}), 1);
    EXPECT_EQ(exif_orientation(testing::text_bytes("no TIFF block")), 1);
    EXPECT_EQ(exif_orientation(exif_block(0)), 1);
    EXPECT_EQ(exif_orientation(exif_block(9)), 1);
    EXPECT_EQ(exif_orientation(exif_block(65535)), 1);
    Bytes far_directory = exif_block(6);
    std::fill_n(far_directory.begin() + 4, 4, std::uint8_t{0xFF});
    EXPECT_EQ(exif_orientation(far_directory), 1);
    for (const int type : {0, 1, 2, 5, 7, 10, 12, 13}) {  // bytes, texts, fractions: no reader turns by them
        Bytes wrong_type = exif_block(6);
        wrong_type[12] = static_cast<std::uint8_t>(type);
        EXPECT_EQ(exif_orientation(wrong_type), 1) << type;
    }
}

TEST(Exif, SurvivesEveryTruncationAndAnyBytes) {
    const Bytes whole = exif_block(6);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const int orientation = exif_orientation(cut);
        EXPECT_TRUE(orientation == 1 || orientation == 6) << size;
    }
    std::mt19937_64 random(11);
    for (int round = 0; round < 5000; ++round) {
        Bytes changed = whole;
        for (int flips = 0; flips < 3; ++flips)
            changed[random() % changed.size()] = static_cast<std::uint8_t>(random());
        const int orientation = exif_orientation(changed);
        ASSERT_TRUE(orientation >= 1 && orientation <= 8);
    }
}

TEST(Exif, TurnsWhatACameraStoredUprightAgain) {
    const Image image = smooth_picture(7, 4);
    for (int orientation = 1; orientation <= 8; ++orientation) {
        EXPECT_EQ(upright(stored_by_camera(image, orientation), orientation), image) << orientation;
    }
}

TEST(Exif, LeavesThePictureForAnUnknownOrientation) {
    const Image image = smooth_picture(7, 4);
    EXPECT_EQ(upright(image, 0), image);
    EXPECT_EQ(upright(image, 9), image);
}

}  // namespace
}  // namespace affectsr
