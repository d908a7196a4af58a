#include "affectsr/image/picture_format.h"

#include <gtest/gtest.h>

#include <string>

namespace affectsr {
namespace {

std::optional<PictureFormat> format_of(const std::string& bytes) {
    return picture_format({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

const std::string kJpeg = "\xFF\xD8\xFF\xE0", kPng = "\x89PNG\r\n\x1A\n",
                  kWebp = std::string("RIFF\x10\0\0\0", 8) + "WEBPVP8 ";

TEST(PictureFormat, GoesByTheFirstBytes) {
    EXPECT_EQ(format_of(kJpeg + "rest"), PictureFormat::jpeg);
    EXPECT_EQ(format_of(kPng + "rest"), PictureFormat::png);
    EXPECT_EQ(format_of(kWebp), PictureFormat::webp);
    for (const PictureFormat format : {PictureFormat::jpeg, PictureFormat::png, PictureFormat::webp})
        EXPECT_GT(most_side_px(format), 1000);
    EXPECT_STREQ(ending_of(PictureFormat::webp), ".webp");
}

TEST(PictureFormat, AFileCutInsideItsSignatureCounts) {
    EXPECT_EQ(format_of(kJpeg.substr(0, 2)), PictureFormat::jpeg);
    for (std::size_t bytes = 2; bytes <= kPng.size(); ++bytes)
        EXPECT_EQ(format_of(kPng.substr(0, bytes)), PictureFormat::png) << bytes;
    for (std::size_t bytes = 4; bytes <= kWebp.size(); ++bytes)
        EXPECT_EQ(format_of(kWebp.substr(0, bytes)), PictureFormat::webp) << bytes;
}

TEST(PictureFormat, KnowsNothingElse) {
    const std::string wave = std::string("RIFF\x10\0\0\0", 8) + "WAVEfmt ";
    for (const std::string& other :
         {std::string(), std::string("\xFF"), std::string("\x89"), std::string("RIF"), wave, std::string("GIF89a"),
          std::string("\xFF\xD8 no"), std::string("\x89PNG\n\x1A\n"), std::string(12, '\0')})
        EXPECT_EQ(format_of(other), std::nullopt) << other;
}

}  // namespace
}  // namespace affectsr
