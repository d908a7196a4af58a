// Pictures and picture files made for the tests of this room, through the same libraries but not through our codec.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/image/codec.h"

namespace affectsr::testing {

using Bytes = std::vector<std::uint8_t>;

/// Smooth colours, so that a lossy codec keeps them within a few levels; no two rows, columns or channels are alike.
inline Image smooth_picture(int width, int height) {
    Image image(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            std::uint8_t* rgb = image.pixel(x, y);
            rgb[0] = static_cast<std::uint8_t>(20 + 200 * x / width);
            rgb[1] = static_cast<std::uint8_t>(30 + 180 * y / height);
            rgb[2] = static_cast<std::uint8_t>(220 - 100 * x / width - 90 * y / height);
        }
    }
    return image;
}

/// The largest difference of any value; fails the test if the sizes differ.
inline int largest_difference(const Image& a, const Image& b) {
    EXPECT_EQ(a.size(), b.size());
    if (a.size() != b.size()) return 256;
    int largest = 0;
    for (std::size_t i = 0; i < a.rgb.size(); ++i) largest = std::max(largest, std::abs(a.rgb[i] - b.rgb[i]));
    return largest;
}

/// The code of the Error that `act` throws, "" if it throws none; `message`, if given, receives what it says.
inline std::string code_of(const std::function<void()>& act, std::string* message = nullptr) {
    try {
        act();
    } catch (const Error& error) {
        if (message != nullptr) *message = error.what();
        return error.code();
    }
    return "";
}

inline std::string decode_code(std::span<const std::uint8_t> bytes, std::string* message = nullptr) {
    return code_of([bytes] { decode_image(bytes, "the picture"); }, message);
}

inline Bytes text_bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

inline void append(Bytes& to, std::span<const std::uint8_t> bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}
inline void append(Bytes& to, std::string_view text) {
    to.insert(to.end(), text.begin(), text.end());
}

/// `size` bytes of `value`, most significant first.
inline Bytes big_endian(std::uint64_t value, int size) {
    Bytes bytes;
    for (int i = size - 1; i >= 0; --i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return bytes;
}

inline Bytes little_endian(std::uint64_t value, int size) {
    Bytes bytes = big_endian(value, size);
    std::reverse(bytes.begin(), bytes.end());
    return bytes;
}

/// The TIFF field types that cameras and programs write an orientation as.
enum class TiffType { two_bytes = 3, four_bytes = 4, signed_two = 8, signed_four = 9 };

/// A TIFF block whose only entry is the orientation.
inline Bytes exif_block(int orientation, bool little = true, TiffType type = TiffType::two_bytes) {
    const int size = type == TiffType::two_bytes || type == TiffType::signed_two ? 2 : 4;
    Bytes tiff = text_bytes(little ? "II" : "MM");
    const auto put = [&tiff, little](std::uint64_t value, int bytes) {
        for (int i = 0; i < bytes; ++i)
            tiff.push_back(static_cast<std::uint8_t>(value >> (8 * (little ? i : bytes - 1 - i))));
    };
    put(42, 2);
    put(8, 4);       // the directory follows at once
    put(1, 2);       // one entry
    put(0x0112, 2);  // orientation
    put(static_cast<std::uint64_t>(type), 2);
    put(1, 4);
    put(static_cast<std::uint64_t>(orientation), size);
    put(0, 4 - size);
    put(0, 4);  // no further directory
    return tiff;
}

/// `upright` as a camera that was held so would store it, written out case by case from EXIF 2.3, table 6: "row 0 is
/// the visual …, column 0 is the visual …".
inline Image stored_by_camera(const Image& upright, int orientation) {
    const int w = upright.width, h = upright.height;
    Image stored = orientation <= 4 ? Image(w, h) : Image(h, w);
    for (int y = 0; y < h; ++y) {
        for (int x = 0; x < w; ++x) {
            int to_x = x, to_y = y;                                    // 1: top, left
            if (orientation == 2) to_x = w - 1 - x;                    // top, right
            if (orientation == 3) to_x = w - 1 - x, to_y = h - 1 - y;  // bottom, right
            if (orientation == 4) to_y = h - 1 - y;                    // bottom, left
            if (orientation == 5) to_x = y, to_y = x;                  // left, top
            if (orientation == 6) to_x = y, to_y = w - 1 - x;          // right, top
            if (orientation == 7) to_x = h - 1 - y, to_y = w - 1 - x;  // right, bottom
            if (orientation == 8) to_x = h - 1 - y, to_y = x;          // left, bottom
            std::copy_n(upright.pixel(x, y), 3, stored.pixel(to_x, to_y));
        }
    }
    return stored;
}

}  // namespace affectsr::testing
