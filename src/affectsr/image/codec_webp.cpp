#include <webp/decode.h>
#include <webp/encode.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

#include "affectsr/base/error.h"
#include "affectsr/image/codec_formats.h"
#include "affectsr/image/encode.h"
#include "affectsr/image/exif.h"

namespace affectsr {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::uint32_t little_endian(Bytes bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | bytes[at + i];
    return value;
}

/// What the extended container says beside the picture itself (RFC 9649, 2.7).
struct Container {
    std::int64_t width = 0, height = 0;  ///< of the canvas; 0: not an extended file
    Bytes exif;
    Bytes first_frame;  ///< of an animation: its ANMF chunk
    Bytes picture;      ///< of a still file: the chunks of its transparency and colours, without the container
    bool complete = true;
    bool picture_complete = false;  ///< the first frame or the picture is whole, whatever is missing behind it
};

constexpr std::size_t kRiffHeader = 12, kChunkHeader = 8;

Container read_container(Bytes bytes) {
    Container container;
    const std::uint64_t said = std::uint64_t{little_endian(bytes, 4, 4)} + kChunkHeader;
    container.complete = said <= bytes.size();
    const std::size_t end = std::min<std::uint64_t>(said, bytes.size());
    for (std::size_t at = kRiffHeader; at + kChunkHeader <= end;) {
        const std::string_view tag(reinterpret_cast<const char*>(bytes.data() + at), 4);
        const std::size_t size = little_endian(bytes, at + 4, 4);
        const Bytes payload = bytes.subspan(at + kChunkHeader, std::min(size, end - at - kChunkHeader));
        if (tag == "VP8X" && payload.size() >= 10) {
            container.width = 1 + std::int64_t{little_endian(payload, 4, 3)};
            container.height = 1 + std::int64_t{little_endian(payload, 7, 3)};
        } else if (tag == "EXIF" && container.exif.empty()) {
            container.exif = payload;
        } else if (tag == "ANMF" && container.first_frame.empty()) {
            container.first_frame = payload;
            container.picture_complete = payload.size() == size;
        } else if (tag == "ALPH" && container.picture.empty()) {
            container.picture = bytes.subspan(at, kChunkHeader + payload.size());
        } else if ((tag == "VP8 " || tag == "VP8L") && !container.picture_complete) {
            const auto begin =
                container.picture.empty() ? at : static_cast<std::size_t>(container.picture.data() - bytes.data());
            container.picture = bytes.subspan(begin, at + kChunkHeader + payload.size() - begin);
            container.picture_complete = payload.size() == size;
        }
        at += kChunkHeader + size + size % 2;
    }
    return container;
}

[[noreturn]] void refuse_status(const codec::Encoded& encoded, VP8StatusCode status) {
    switch (status) {
        case VP8_STATUS_NOT_ENOUGH_DATA:
        case VP8_STATUS_SUSPENDED:
            codec::refuse_truncated(encoded, "WebP");
        case VP8_STATUS_OUT_OF_MEMORY:
            throw std::bad_alloc();
        case VP8_STATUS_UNSUPPORTED_FEATURE:
            codec::refuse(encoded, "WebP", "it uses a feature that libwebp lacks");
        default:
            codec::refuse(encoded, "WebP", "its data are damaged");
    }
}

/// One still picture: a whole file, or the chunks of one animation frame. Transparent pixels are laid over white.
Image decode_still(const codec::Encoded& encoded, Bytes bytes) {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) throw Bug("libwebp at run time is not the one that was compiled with");
    VP8StatusCode status = WebPGetFeatures(bytes.data(), bytes.size(), &config.input);
    if (status != VP8_STATUS_OK) refuse_status(encoded, status);
    codec::check_claimed_size(encoded, config.input.width, config.input.height);
    codec::check_ratio(encoded, config.input.width, config.input.height, "WebP", true);

    Image image;
    image.width = config.input.width;
    image.height = config.input.height;
    const bool alpha = config.input.has_alpha != 0;
    const std::size_t stride = static_cast<std::size_t>(image.width) * (alpha ? 4 : 3);
    image.rgb.resize(stride * static_cast<std::size_t>(image.height));
    config.output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA = {image.rgb.data(), static_cast<int>(stride), image.rgb.size()};
    status = WebPDecode(bytes.data(), bytes.size(), &config);
    if (status != VP8_STATUS_OK) refuse_status(encoded, status);
    if (alpha) codec::lay_over_white(image);
    return image;
}

/// The first frame of an animation at its place on the white canvas.
Image decode_first_frame(const codec::Encoded& encoded, const Container& container) {
    constexpr std::size_t kFrameHeader = 16;
    const Bytes frame = container.first_frame;
    if (frame.size() <= kFrameHeader) codec::refuse_truncated(encoded, "WebP");
    const Image still = decode_still(encoded, frame.subspan(kFrameHeader));
    const std::int64_t left = 2 * std::int64_t{little_endian(frame, 0, 3)};
    const std::int64_t top = 2 * std::int64_t{little_endian(frame, 3, 3)};
    if (left + still.width > container.width || top + still.height > container.height) {
        codec::refuse(encoded, "WebP", "its first frame lies outside its canvas");
    }
    Image canvas(static_cast<int>(container.width), static_cast<int>(container.height), 255);
    for (int y = 0; y < still.height; ++y) {
        std::memcpy(canvas.pixel(static_cast<int>(left), static_cast<int>(top) + y), still.pixel(0, y),
                    static_cast<std::size_t>(still.width) * 3);
    }
    return canvas;
}

}  // namespace

Image codec::decode_webp(const Encoded& encoded) {
    if (encoded.bytes.size() < kRiffHeader) refuse_truncated(encoded, "WebP");
    const Container container = read_container(encoded.bytes);
    if (container.width != 0) check_claimed_size(encoded, container.width, container.height);
    if (!container.complete && !container.picture_complete) refuse_truncated(encoded, "WebP");
    check_ratio(encoded, container.width, container.height, "WebP", true);
    // libwebp refuses a container that says more than there is, also where only notes behind the picture are missing.
    Image image = !container.first_frame.empty() ? decode_first_frame(encoded, container)
                  : container.complete           ? decode_still(encoded, encoded.bytes)
                                                 : decode_still(encoded, container.picture);
    return upright(std::move(image), exif_orientation(container.exif));
}

std::vector<std::uint8_t> encode_webp(const Image& image, int quality) {
    codec::check_encodable(image, quality, "WebP", WEBP_MAX_DIMENSION);
    std::uint8_t* bytes = nullptr;
    const int stride = image.width * 3;
    const std::size_t size =
        quality == 100
            ? WebPEncodeLosslessRGB(image.rgb.data(), image.width, image.height, stride, &bytes)
            : WebPEncodeRGB(image.rgb.data(), image.width, image.height, stride, static_cast<float>(quality), &bytes);
    const std::unique_ptr<std::uint8_t, void (*)(void*)> owned(bytes, WebPFree);
    if (size == 0) throw ResourceError("out_of_memory", "no memory left to make a WebP");
    return {bytes, bytes + size};
}

}  // namespace affectsr
