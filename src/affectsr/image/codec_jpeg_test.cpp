#include <gtest/gtest.h>

#include <array>

#include "affectsr/image/codec.h"
#include "affectsr/image/test_jpeg.h"

namespace affectsr {
namespace {

using testing::append;
using testing::Bytes;
using testing::decode_code;
using testing::exif_block;
using testing::inks_of;
using testing::JpegOptions;
using testing::largest_difference;
using testing::make_jpeg;
using testing::smooth_picture;
using testing::stored_by_camera;

Image decode(const Bytes& bytes) {
    return decode_image(bytes, "the picture");
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

TEST(CodecJpeg, ReadsFourInksAsInvertedWithAndWithoutAdobesMarker) {
    const Image image = smooth_picture(40, 24);
    const Bytes plain = make_jpeg(inks_of(image, true), image.size(), 4, {.given = JCS_CMYK, .stored = JCS_CMYK});
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

/// Where a marker first stands at or behind `from`; the end if nowhere.
std::size_t find_marker(const Bytes& jpeg, std::uint8_t marker, std::size_t from = 0) {
    const Bytes wanted{0xFF, marker};
    const auto start = jpeg.begin() + static_cast<std::ptrdiff_t>(from);
    return static_cast<std::size_t>(std::search(start, jpeg.end(), wanted.begin(), wanted.end()) - jpeg.begin());
}
constexpr std::uint8_t kStartOfScan = 0xDA, kEndOfPicture = 0xD9, kHuffmanTable = 0xC4;

/// What people find behind a picture, an end marker in between or not.
std::vector<Bytes> trailers() {
    Bytes padding(300), fill(7, 0xFF), lookalike{0xFF, 0xC0, 0, 4, 1, 1, 0xFF, 0xDA, 0, 1};
    Bytes second = make_jpeg(smooth_picture(24, 8), {.progressive = true}), tables = {0xFF, 0xDB, 0, 3, 0xFF, 0xDD};
    return {{}, padding, fill, testing::text_bytes("MotionPhoto_Data\0\0ftypmp42"), lookalike, second, tables};
}

TEST(CodecJpeg, ReadsAPictureWithoutEndMarkerWhosePixelsAreAllThere) {
    const Image image = smooth_picture(50, 37);
    // Each component in a scan of its own.
    const std::vector<jpeg_scan_info> scans{{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
    for (const JpegOptions& options :
         {JpegOptions{}, JpegOptions{.restart_rows = 1}, JpegOptions{.quarter_chroma = true},
          JpegOptions{.progressive = true}, JpegOptions{.progressive = true, .restart_rows = 2},
          JpegOptions{.scans = scans}}) {
        const Bytes whole = make_jpeg(image, options);
        const Image expected = decode(whole);
        EXPECT_LE(largest_difference(expected, image), 8);
        for (const Bytes& trailer : trailers()) {
            Bytes ended = whole, endless(whole.begin(), whole.end() - 2);
            append(ended, trailer);
            append(endless, trailer);
            EXPECT_EQ(decode(ended), expected) << trailer.size();
            EXPECT_EQ(decode(endless), expected) << trailer.size();
        }
        Bytes filled(whole.begin(), whole.end() - 2);
        append(filled, Bytes{0xFF, 0xFF, 0xFF, 0xFF, kEndOfPicture});
        EXPECT_EQ(decode(filled), expected) << "fill bytes before the marker";
    }
}

TEST(CodecJpeg, CallsAPictureThatLacksScansTruncatedWhateverFollows) {
    const Image image = smooth_picture(50, 37);
    const std::vector<jpeg_scan_info> scans{{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
    for (const JpegOptions& options : {JpegOptions{.progressive = true}, JpegOptions{.scans = scans}}) {
        const Bytes whole = make_jpeg(image, options);
        int cuts = 0;
        for (std::size_t scan = find_marker(whole, kStartOfScan); scan < whole.size();
             scan = find_marker(whole, kStartOfScan, scan + 2)) {
            // Cut before what follows the scan, where nothing tells that another would have come.
            const std::size_t next =
                std::min(find_marker(whole, kHuffmanTable, scan + 2), find_marker(whole, kStartOfScan, scan + 2));
            if (next == whole.size()) break;
            EXPECT_EQ(decode_code(std::span(whole).first(next)), "truncated") << next;
            Bytes and_another(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(next));
            append(and_another, make_jpeg(image));
            EXPECT_EQ(decode_code(and_another), "truncated") << next;
            ++cuts;
        }
        EXPECT_GE(cuts, 2);
    }
}

TEST(CodecJpeg, TakesAnEndMarkerAfterCoarseScansAtItsWord) {
    // Less precision on purpose is allowed (T.81, G.1.1.1.2), a component that never comes is not.
    const std::vector<jpeg_scan_info> coarse{{3, {0, 1, 2}, 0, 0, 0, 1}, {1, {0}, 1, 63, 0, 2}};
    const Image image = smooth_picture(48, 32);
    const Bytes whole = make_jpeg(image, {.scans = coarse});
    EXPECT_LE(largest_difference(decode(whole), image), 40);
    EXPECT_EQ(decode_code(std::span(whole).first(whole.size() - 2)), "truncated") << "nobody says that it was meant";

    const std::vector<jpeg_scan_info> scans{{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
    Bytes grey = make_jpeg(image, {.scans = scans});
    grey.resize(find_marker(grey, kHuffmanTable, find_marker(grey, kStartOfScan)));
    append(grey, Bytes{0xFF, kEndOfPicture});
    EXPECT_EQ(decode_code(grey), "truncated") << "two components are missing";
}

TEST(CodecJpeg, ReadsSequentialScansWhateverTheirSpectralSelectionSays) {
    const Image image = smooth_picture(50, 37);
    constexpr std::array<std::array<int, 3>, 5> kSelections{
        {{0, 0, 0}, {1, 63, 0}, {1, 0, 0}, {0, 63, 0x10}, {0, 0, 1}}};
    for (const JpegOptions& options :
         {JpegOptions{}, JpegOptions{.quarter_chroma = true}, JpegOptions{.restart_rows = 1}}) {
        const Bytes sound = make_jpeg(image, options);
        const std::size_t scan = find_marker(sound, kStartOfScan) + 2;
        const std::size_t selection = scan + (std::size_t{sound[scan]} << 8 | sound[scan + 1]) - 3;
        for (const auto& [first, last, bits] : kSelections) {
            Bytes odd = sound;
            odd[selection] = static_cast<std::uint8_t>(first), odd[selection + 1] = static_cast<std::uint8_t>(last);
            odd[selection + 2] = static_cast<std::uint8_t>(bits);
            EXPECT_EQ(decode(odd), decode(sound)) << first << " " << last << " " << bits;
            odd.erase(odd.end() - 2, odd.end());
            EXPECT_EQ(decode(odd), decode(sound)) << "also without an end marker";
        }
    }
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
