// One decoder and one encoder per picture format; codec.h is the door to them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "affectsr/image/image.h"
#include "affectsr/image/limits.h"

namespace affectsr::codec {

/// The bytes of one picture, whose name begins every message, and what it may claim.
struct Encoded {
    std::span<const std::uint8_t> bytes;
    const std::string& name;
    const ImageLimits& limits;
};

/// Refuses a size over the limits (`too_large`) or without pixels (`decode_failed`). Call it before memory is taken.
void check_claimed_size(const Encoded& encoded, std::int64_t width, std::int64_t height);

/// Refuses (`too_large`) a picture over 8 MP that would grow from too few bytes; a file that is not `whole` is called
/// truncated instead.
void check_ratio(const Encoded& encoded, std::int64_t width, std::int64_t height, const char* format, bool whole);

/// Throws InputError `decode_failed`: "NAME: not a readable FORMAT: WHY".
[[noreturn]] void refuse(const Encoded& encoded, const char* format, const std::string& why);
/// Throws InputError `truncated`: "NAME: the FORMAT file ends before its picture does …".
[[noreturn]] void refuse_truncated(const Encoded& encoded, const char* format);

/// One picture of that format to upright 8-bit RGB; throws as decode_image, and std::bad_alloc. Thread-safe.
Image decode_jpeg(const Encoded& encoded);
Image decode_png(const Encoded& encoded);
Image decode_webp(const Encoded& encoded);

/// Throws UsageError for a quality outside 1–100 or a side that the format cannot hold, Bug for an empty picture.
void check_encodable(const Image& image, int quality, const char* format, int most_side_px);

/// `rgba` holds width × height × 4 bytes in image.rgb and becomes RGB over white in place.
void lay_over_white(Image& rgba);

}  // namespace affectsr::codec
