// Every kind of picture file against what other programs see in it: Pillow and ImageMagick, where they are installed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include "affectsr/base/temporary_folder.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/test_jpeg.h"
#include "affectsr/image/test_png.h"
#include "affectsr/image/test_webp.h"

namespace affectsr {
namespace {

using testing::append;
using testing::Bytes;
using testing::exif_block;
using testing::inks_of;
using testing::JpegOptions;
using testing::make_jpeg;
using testing::make_png;
using testing::PngOptions;
using testing::smooth_picture;
using testing::stored_by_camera;
using testing::TiffType;

/// Decoders may differ in the inverse cosine transform and the chroma filter by one level each, and in how they round
/// inks, 16 bits and transparency by one: two are allowed. A wrong orientation, colour space or polarity gives dozens.
constexpr int kTolerance = 2;

using Files = std::map<std::string, Bytes>;

Bytes grey_of(const Image& image) {
    Bytes grey;
    for (std::size_t i = 1; i < image.rgb.size(); i += 3) grey.push_back(image.rgb[i]);
    return grey;
}

/// Each byte as a sample of 16 bits whose lower half is something else.
Bytes widened(const Bytes& bytes) {
    Bytes wide;
    for (const std::uint8_t value : bytes) append(wide, Bytes{value, static_cast<std::uint8_t>(value * 7)});
    return wide;
}

/// `colours` bytes of colour a pixel, and an alpha that rises from left to right.
Bytes with_alpha(const Bytes& samples, std::size_t colours, int width) {
    Bytes with;
    for (std::size_t i = 0; i < samples.size(); i += colours) {
        append(with, std::span(samples).subspan(i, colours));
        with.push_back(static_cast<std::uint8_t>(i / colours % static_cast<std::size_t>(width) * 255 /
                                                 static_cast<std::size_t>(width - 1)));
    }
    return with;
}

/// The JPEG kinds of colour and storage. `exif` goes into each.
Files jpegs_of(const Image& image, const Bytes& exif) {
    Files files;
    const auto rgb = [&](const std::string& name, JpegOptions options) {
        options.exif = exif;
        files["jpeg_" + name + ".jpg"] = make_jpeg(image, options);
    };
    rgb("444", {});
    rgb("420", {.quarter_chroma = true});
    rgb("420_progressive", {.progressive = true, .quarter_chroma = true});
    rgb("420_restart", {.quarter_chroma = true, .restart_rows = 1});
    rgb("stored_rgb", {.stored = JCS_RGB, .adobe = true});
    rgb("scans_apart", {.scans = {{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}}});
    for (const bool progressive : {false, true}) {
        const std::string how = progressive ? "_progressive.jpg" : ".jpg";
        JpegOptions options{.given = JCS_GRAYSCALE, .stored = JCS_GRAYSCALE, .progressive = progressive, .exif = exif};
        files["jpeg_grey" + how] = make_jpeg(grey_of(image), image.size(), 1, options);
        options.given = options.stored = JCS_CMYK;
        files["jpeg_cmyk_no_adobe" + how] = make_jpeg(inks_of(image, true), image.size(), 4, options);
        options.adobe = true;
        files["jpeg_cmyk_adobe" + how] = make_jpeg(inks_of(image, true), image.size(), 4, options);
        options.stored = JCS_YCCK;
        files["jpeg_ycck_adobe" + how] = make_jpeg(inks_of(image, true), image.size(), 4, options);
        options.quarter_chroma = true;
        files["jpeg_ycck_420" + how] = make_jpeg(inks_of(image, true), image.size(), 4, options);
        options.adobe = false;  // nothing tells of the conversion any more, so everybody shows the same wrong colours
        files["jpeg_ycck_no_adobe" + how] = make_jpeg(inks_of(image, true), image.size(), 4, options);
    }
    return files;
}

Files pngs_of(const Image& image, const Bytes& exif) {
    Files files;
    const Bytes grey = grey_of(image);
    PngOptions palette{.colour = PNG_COLOR_TYPE_PALETTE, .exif = exif};
    for (int i = 0; i < 256; ++i) {
        const auto level = static_cast<png_byte>(i);
        palette.palette.push_back({level, static_cast<png_byte>(255 - i), 77});
        palette.palette_alpha.push_back(level);
    }
    for (const bool interlaced : {false, true}) {
        const auto add = [&](const std::string& name, const Bytes& rows, PngOptions options) {
            options.interlaced = interlaced;
            options.exif = exif;
            files["png_" + name + (interlaced ? "_interlaced.png" : ".png")] = make_png(rows, image.size(), options);
        };
        add("rgb", image.rgb, {});
        add("rgb16", widened(image.rgb), {.bits = 16});
        add("grey", grey, {.colour = PNG_COLOR_TYPE_GRAY});
        add("grey16", widened(grey), {.colour = PNG_COLOR_TYPE_GRAY, .bits = 16});
        add("grey_alpha", with_alpha(grey, 1, image.width), {.colour = PNG_COLOR_TYPE_GRAY_ALPHA});
        add("rgba", with_alpha(image.rgb, 3, image.width), {.colour = PNG_COLOR_TYPE_RGB_ALPHA});
        add("rgba16", widened(with_alpha(image.rgb, 3, image.width)), {.colour = PNG_COLOR_TYPE_RGB_ALPHA, .bits = 16});
        add("palette_alpha", grey, palette);
        PngOptions opaque = palette;
        opaque.palette_alpha.clear();
        add("palette", grey, opaque);
        const png_color_16 clear{0, image.rgb[0], image.rgb[1], image.rgb[2], grey[0]};
        add("rgb_clear_colour", image.rgb, {.clear_colour = clear});
        add("grey_clear_colour", grey, {.colour = PNG_COLOR_TYPE_GRAY, .clear_colour = clear});
    }
    return files;
}

Files webps_of(const Image& image, const Bytes& exif) {
    Files files;
    for (const int quality : {80, 100}) {
        Bytes chunks = testing::webp_picture_chunk(image, quality);
        append(chunks, testing::webp_chunk("EXIF", exif));
        files[quality == 100 ? "webp_lossless.webp" : "webp_lossy.webp"] =
            testing::extended_webp(testing::kExifFlag, image.size(), chunks);
    }
    return files;
}

/// Every kind in all orientations; both byte orders and SHORT and LONG take turns, and JPEG's get all of them.
Files matrix() {
    const Image upright = smooth_picture(44, 27);
    Files files;
    const auto add = [&files](const std::string& prefix, Files kinds) {
        for (auto& [name, bytes] : kinds) files[prefix + name] = std::move(bytes);
    };
    for (int orientation = 1; orientation <= 8; ++orientation) {
        const Image stored = stored_by_camera(upright, orientation);
        const std::string prefix = "turned" + std::to_string(orientation) + "_";
        const bool little = orientation % 2 == 0;
        const TiffType type = orientation % 4 < 2 ? TiffType::four_bytes : TiffType::two_bytes;
        const Bytes exif = exif_block(orientation, little, type);
        add(prefix, jpegs_of(stored, exif));
        add(prefix, pngs_of(stored, exif));
        add(prefix, webps_of(stored, exif));
        for (const bool order : {true, false})
            for (const TiffType other : {TiffType::two_bytes, TiffType::four_bytes})
                files[prefix + (order ? "II" : "MM") + std::to_string(static_cast<int>(other)) + ".jpg"] =
                    make_jpeg(stored, {.exif = exif_block(orientation, order, other)});
    }
    return files;
}

/// The picture that a program left as PPM (P6, 8 bits, no comments), none if it left nothing.
std::optional<Image> read_ppm(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string magic;
    int width = 0, height = 0, most = 0;
    if (!(file >> magic >> width >> height >> most) || magic != "P6" || most != 255) return std::nullopt;
    file.get();
    Image image(width, height);
    file.read(reinterpret_cast<char*>(image.rgb.data()), static_cast<std::streamsize>(image.rgb.size()));
    return file ? std::optional(image) : std::nullopt;
}

bool runs(const std::string& command) {
    return std::system((command + " >/dev/null 2>&1").c_str()) == 0;  // NOLINT(concurrency-mt-unsafe)
}

/// Writes `files` into a folder, lets `command FOLDER` put NAME.ppm beside each, and compares all but `exceptions`.
void compare(const Files& files, const std::string& command, const std::set<std::string>& exceptions) {
    const TemporaryFolder folder;
    for (const auto& [name, bytes] : files) folder.fill(name, {bytes.begin(), bytes.end()});
    ASSERT_TRUE(runs(command + " '" + folder.path().string() + "'")) << command;
    std::size_t compared = 0;
    for (const auto& [name, bytes] : files) {
        const std::string kind = name.substr(name.find('_') + 1);
        if (exceptions.contains(kind)) continue;
        const std::optional<Image> seen = read_ppm(folder.path() / (name + ".ppm"));
        ASSERT_TRUE(seen) << name;
        EXPECT_LE(testing::largest_difference(decode_image(bytes, name), *seen), kTolerance) << name;
        ++compared;
    }
    EXPECT_GT(compared, files.size() * 4 / 5);
}

constexpr const char* kPillow = R"(
import os, sys
from PIL import Image, ImageOps
folder = sys.argv[1]

def shown(path):
    picture = ImageOps.exif_transpose(Image.open(path))
    if "A" in picture.getbands() or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    return picture.convert("RGB")

for name in sorted(os.listdir(folder)):
    try:
        shown(os.path.join(folder, name)).save(os.path.join(folder, name + ".ppm"))
    except ValueError:  # no way from this mode to RGB
        pass
)";

TEST(CodecPeers, SeeTheSamePicturesAsPillow) {
    std::string python;  // the system's has Debian's Pillow where another stands before it
    for (const char* candidate : {"/usr/bin/python3", "python3"})
        if (runs(std::string(candidate) + " -c 'import PIL.ImageOps'")) python = candidate;
    if (python.empty()) GTEST_SKIP() << "Pillow is not installed";
    const TemporaryFolder folder;
    const std::filesystem::path script = folder.fill("see.py", kPillow);
    // Pillow keeps 16 bits of grey and cuts them off at 255 instead of scaling them.
    compare(matrix(), python + " '" + script.string() + "'", {"png_grey16.png", "png_grey16_interlaced.png"});
}

TEST(CodecPeers, SeeTheSamePicturesAsImageMagick) {
    if (!runs("convert -version")) GTEST_SKIP() << "ImageMagick is not installed";
    const TemporaryFolder folder;
    const std::filesystem::path script =
        folder.fill("see.sh",
                    "cd \"$1\" && for f in *; do convert \"$f\" -auto-orient -background white "
                    "-alpha remove -colorspace sRGB -type TrueColor -depth 8 \"ppm:$f.ppm\"; done");
    // It turns JPEG only, so the others are compared as they are stored, which is upright once.
    Files files = matrix();
    std::erase_if(
        files, [](const auto& file) { return !file.first.starts_with("turned1_") && !file.first.ends_with(".jpg"); });
    compare(files, "sh '" + script.string() + "'", {});
}

}  // namespace
}  // namespace affectsr
