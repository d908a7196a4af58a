#include "affectsr/image/codec.h"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/base/text.h"
#include "affectsr/image/codec_formats.h"
#include "affectsr/image/picture_format.h"

namespace affectsr {
namespace {

std::string sides(std::int64_t width, std::int64_t height) {
    return std::to_string(width) + "×" + std::to_string(height) + " px";
}

}  // namespace

namespace codec {

void refuse(const Encoded& encoded, const char* format, const std::string& why) {
    throw InputError("decode_failed", encoded.name + ": not a readable " + format + ": " + why);
}

void refuse_truncated(const Encoded& encoded, const char* format) {
    throw InputError("truncated", encoded.name + ": the " + format + " file is truncated: its " +
                                      std::to_string(encoded.bytes.size()) +
                                      " bytes end before its picture does; copy it again");
}

void check_claimed_size(const Encoded& encoded, std::int64_t width, std::int64_t height) {
    if (width < 1 || height < 1) {
        throw InputError("decode_failed", encoded.name + ": has no pixels: its header says " + sides(width, height));
    }
    const ImageLimits& limits = encoded.limits;
    if (width > limits.side_px || height > limits.side_px) {
        throw InputError("too_large", encoded.name + ": is " + sides(width, height) +
                                          " by its header; a side may have " + std::to_string(limits.side_px) +
                                          " px at most");
    }
    if (width * height > limits.area_px) {
        throw InputError("too_large", encoded.name + ": is " + sides(width, height) + " by its header; it may have " +
                                          std::to_string(limits.area_px) + " pixels in all at most");
    }
}

void check_ratio(const Encoded& encoded, std::int64_t width, std::int64_t height, const char* format, bool whole) {
    constexpr std::int64_t kAskedFrom = 8'000'000;
    const auto size = static_cast<std::int64_t>(encoded.bytes.size());
    if (width * height <= kAskedFrom || width * height * 3 / encoded.limits.bytes_ratio <= size) return;
    if (!whole) refuse_truncated(encoded, format);
    throw InputError("too_large", encoded.name + ": is " + sides(width, height) + " in a file of " +
                                      std::to_string(size) + " bytes; above 8 MP a file may grow " +
                                      std::to_string(encoded.limits.bytes_ratio) + "-fold at most");
}

void check_encodable(const Image& image, int quality, const char* format, int most_side_px) {
    AFFECTSR_EXPECT(!image.empty() && image.rgb.size() == static_cast<std::size_t>(image.width) * image.height * 3,
                    "only a picture with pixels can be encoded");
    if (quality < 1 || quality > 100) {
        throw UsageError(std::string(format) + " quality must be 1–100, not " + std::to_string(quality));
    }
    if (std::max(image.width, image.height) > most_side_px) {
        throw UsageError(std::string("a ") + format + " side has " + std::to_string(most_side_px) +
                         " px at most; the picture is " + sides(image.width, image.height));
    }
}

void lay_over_white(Image& rgba) {
    const std::size_t pixels = static_cast<std::size_t>(rgba.width) * static_cast<std::size_t>(rgba.height);
    const std::uint8_t* from = rgba.rgb.data();
    std::uint8_t* to = rgba.rgb.data();
    for (std::size_t i = 0; i < pixels; ++i, from += 4, to += 3) {
        const int alpha = from[3];
        for (int channel = 0; channel < 3; ++channel) {
            to[channel] = static_cast<std::uint8_t>((from[channel] * alpha + 255 * (255 - alpha) + 127) / 255);
        }
    }
    rgba.rgb.resize(pixels * 3);
}

}  // namespace codec

Image decode_image(std::span<const std::uint8_t> bytes, const std::string& name, const ImageLimits& limits) {
    if (bytes.empty()) throw InputError("empty_file", name + ": is empty, 0 bytes");
    if (std::cmp_greater(bytes.size(), limits.file_bytes)) {
        throw InputError("too_large", name + ": has " + std::to_string(bytes.size()) + " bytes; it may have " +
                                          std::to_string(limits.file_bytes) + " at most");
    }
    const codec::Encoded encoded{bytes, name, limits};
    try {
        const std::optional<PictureFormat> format = picture_format(bytes);
        if (format == PictureFormat::jpeg) return codec::decode_jpeg(encoded);
        if (format == PictureFormat::png) return codec::decode_png(encoded);
        if (format == PictureFormat::webp) return codec::decode_webp(encoded);
    } catch (const std::bad_alloc&) {
        throw ResourceError("out_of_memory",
                            name + ": no memory left to decode it; use fewer threads or smaller pictures");
    }
    throw InputError("unknown_format", name + ": is not a JPEG, PNG or WebP picture by its first bytes");
}

Image read_image(const std::filesystem::path& path, const ImageLimits& limits) {
    return decode_image(read_bytes(path, limits.file_bytes), path.string(), limits);
}

void write_image(const std::filesystem::path& path, const Image& image, int quality) {
    const std::string extension = lower_case(path.extension().string());
    if (extension == ".png") {
        write_file_atomically(path, encode_png(image));
    } else if (extension == ".jpg" || extension == ".jpeg") {
        write_file_atomically(path, encode_jpeg(image, quality));
    } else if (extension == ".webp") {
        write_file_atomically(path, encode_webp(image, quality));
    } else {
        throw UsageError(path.string() + ": cannot write a picture as \"" + extension +
                         "\"; use .png, .jpg, .jpeg or .webp");
    }
}

}  // namespace affectsr
