// One reader and one writer of notes per picture format; notes.h is the door to them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "affectsr/image/notes.h"

namespace affectsr::notes {

using Bytes = std::span<const std::uint8_t>;

/// What a colour profile may be large.
inline constexpr std::size_t kMostProfileBytes = 4 << 20;

inline std::string_view text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline void append(std::vector<std::uint8_t>& to, Bytes bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}
inline void append(std::vector<std::uint8_t>& to, std::string_view text) {
    to.insert(to.end(), text.begin(), text.end());
}
inline void append_big_endian(std::vector<std::uint8_t>& to, std::size_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i) & 0xFF));
}
inline void append_little_endian(std::vector<std::uint8_t>& to, std::size_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i) & 0xFF));
}
inline std::size_t big_endian(Bytes bytes, std::size_t at, std::size_t size) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes[at + i];
    return value;
}
inline std::size_t little_endian(Bytes bytes, std::size_t at, std::size_t size) {
    std::size_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | bytes[at + i];
    return value;
}

PictureNotes read_jpeg(Bytes bytes);
PictureNotes read_png(Bytes bytes);
PictureNotes read_webp(Bytes bytes);
std::vector<std::uint8_t> write_jpeg(Bytes bytes, const PictureNotes& notes);
std::vector<std::uint8_t> write_png(Bytes bytes, const PictureNotes& notes);
std::vector<std::uint8_t> write_webp(Bytes bytes, const PictureNotes& notes);

}  // namespace affectsr::notes
