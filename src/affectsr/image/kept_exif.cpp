#include "affectsr/image/kept_exif.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "affectsr/image/tiff_reader.h"

namespace affectsr {

namespace {

constexpr std::uint32_t kMostEntries = 256;
constexpr std::size_t kMostValueBytes = 8192, kEntryBytes = 12;

namespace tag {
constexpr std::uint32_t kOrientation = 0x0112, kExif = 0x8769, kPlace = 0x8825, kPixelWidth = 0xA002,
                        kPixelHeight = 0xA003;
/// Sizes and offsets of other data, whole blocks that are notes of their own, and the maker's notes.
constexpr std::array<std::uint32_t, 19> kLeftOut = {0x0100, 0x0101, 0x0111, 0x0117,       0x014A, 0x0201, 0x0202,
                                                    0x02BC, 0x83BB, 0x8649, 0x8773,       kExif,  kPlace, 0x927C,
                                                    0xA005, 0xC4A5, 0xEA1C, kOrientation, 0x0144};
}  // namespace tag

struct Value {
    std::uint32_t type = 0, count = 0;
    std::vector<std::uint8_t> bytes;  ///< in the block's order
};
using Directory = std::map<std::uint32_t, Value>;  // TIFF wants them sorted

/// Bytes of one value by its type (TIFF 6.0, section 2; Exif 2.32, 4.6.2); 0: unknown.
std::size_t value_bytes(std::uint32_t type) {
    constexpr std::array<std::size_t, 13> kBytes = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};
    return type < kBytes.size() ? kBytes[type] : 0;
}

/// The entries of the directory at `at`, as far as they are whole.
Directory read_directory(const TiffReader& tiff, std::size_t at) {
    Directory entries;
    const std::uint32_t count = std::min(tiff.number(at, 2), kMostEntries);
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::size_t entry = at + 2 + i * kEntryBytes;
        if (entry + kEntryBytes > tiff.bytes.size()) break;
        const std::uint32_t name = tiff.number(entry, 2);
        Value value{tiff.number(entry + 2, 2), tiff.number(entry + 4, 4), {}};
        const std::size_t size = value_bytes(value.type) * std::size_t{value.count};
        if (size == 0 || size > kMostValueBytes) continue;
        const std::size_t from = size <= 4 ? entry + 8 : tiff.number(entry + 8, 4);
        if (from > tiff.bytes.size() || tiff.bytes.size() - from < size) continue;
        const auto bytes = tiff.bytes.subspan(from, size);
        value.bytes.assign(bytes.begin(), bytes.end());
        entries.emplace(name, std::move(value));
    }
    return entries;
}

/// The directory that an entry of `main` leads to; empty: it leads nowhere.
Directory directory_behind(const TiffReader& tiff, const Directory& main, std::uint32_t name) {
    const auto found = main.find(name);
    if (found == main.end() || found->second.bytes.size() != 4) return {};
    const TiffReader pointer{found->second.bytes, tiff.little_endian};
    return read_directory(tiff, pointer.number(0, 4));
}

/// Writes directories one behind the other.
class TiffWriter {
 public:
    explicit TiffWriter(bool little_endian) : little_endian_(little_endian) {
        const char order = little_endian ? 'I' : 'M';
        bytes_ = {static_cast<std::uint8_t>(order), static_cast<std::uint8_t>(order)};
        append(42, 2);
        append(8, 4);
    }
    Value number(std::uint32_t type, std::uint32_t value) const {
        return {type, 1, in_order(value, value_bytes(type))};
    }
    std::uint32_t next_place() const { return static_cast<std::uint32_t>(bytes_.size()); }
    /// Its length in bytes, values included.
    static std::uint32_t length(const Directory& directory) {
        std::size_t length = 2 + directory.size() * kEntryBytes + 4;
        for (const auto& [name, value] : directory)
            if (value.bytes.size() > 4) length += value.bytes.size() + value.bytes.size() % 2;
        return static_cast<std::uint32_t>(length);
    }
    void write(const Directory& directory) {
        std::size_t values = bytes_.size() + 2 + directory.size() * kEntryBytes + 4;
        append(static_cast<std::uint32_t>(directory.size()), 2);
        for (const auto& [name, value] : directory) {
            append(name, 2);
            append(value.type, 2);
            append(value.count, 4);
            if (value.bytes.size() > 4) {
                append(static_cast<std::uint32_t>(values), 4);
                values += value.bytes.size() + value.bytes.size() % 2;
            } else {
                bytes_.insert(bytes_.end(), value.bytes.begin(), value.bytes.end());
                bytes_.resize(bytes_.size() + 4 - value.bytes.size());
            }
        }
        append(0, 4);  // no further directory
        for (const auto& [name, value] : directory) {
            if (value.bytes.size() <= 4) continue;
            bytes_.insert(bytes_.end(), value.bytes.begin(), value.bytes.end());
            if (value.bytes.size() % 2 == 1) bytes_.push_back(0);
        }
    }
    std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
    std::vector<std::uint8_t> in_order(std::uint32_t value, std::size_t size) const {
        std::vector<std::uint8_t> bytes(size);
        for (std::size_t i = 0; i < size; ++i)
            bytes[little_endian_ ? i : size - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i) & 0xFF);
        return bytes;
    }
    void append(std::uint32_t value, std::size_t size) {
        const std::vector<std::uint8_t> ordered = in_order(value, size);
        bytes_.insert(bytes_.end(), ordered.begin(), ordered.end());
    }

    bool little_endian_;
    std::vector<std::uint8_t> bytes_;
};

void leave_out(Directory& directory) {
    for (const std::uint32_t name : tag::kLeftOut) directory.erase(name);
}

}  // namespace

std::vector<std::uint8_t> kept_exif(std::span<const std::uint8_t> exif, ImageSize size, bool with_place) {
    const std::optional<TiffReader> tiff = open_tiff(exif);
    if (!tiff) return {};
    Directory main = read_directory(*tiff, tiff->number(4, 4));
    Directory details = directory_behind(*tiff, main, tag::kExif);
    Directory place = with_place ? directory_behind(*tiff, main, tag::kPlace) : Directory{};
    leave_out(main), leave_out(details);
    if (main.empty() && details.empty() && place.empty()) return {};

    constexpr std::uint32_t kShort = 3, kLong = 4;
    TiffWriter writer(tiff->little_endian);
    main[tag::kOrientation] = writer.number(kShort, 1);
    if (details.contains(tag::kPixelWidth))
        details[tag::kPixelWidth] = writer.number(kLong, static_cast<std::uint32_t>(size.width));
    if (details.contains(tag::kPixelHeight))
        details[tag::kPixelHeight] = writer.number(kLong, static_cast<std::uint32_t>(size.height));
    if (!details.empty()) main[tag::kExif] = writer.number(kLong, 0);
    if (!place.empty()) main[tag::kPlace] = writer.number(kLong, 0);
    std::uint32_t next = writer.next_place() + TiffWriter::length(main);
    if (!details.empty()) main[tag::kExif] = writer.number(kLong, next), next += TiffWriter::length(details);
    if (!place.empty()) main[tag::kPlace] = writer.number(kLong, next);
    writer.write(main);
    if (!details.empty()) writer.write(details);
    if (!place.empty()) writer.write(place);
    return writer.take();
}

}  // namespace affectsr
