#include "affectsr/base/error.h"
#include "affectsr/image/notes_formats.h"

namespace affectsr::notes {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view kExifBegin = "Exif\0\0"sv, kXmpBegin = "http://ns.adobe.com/xap/1.0/\0"sv,
                           kProfileBegin = "ICC_PROFILE\0"sv;
constexpr std::size_t kMostPayload = 0xFFFF - 2;  // a segment's length counts its own two bytes
constexpr std::uint8_t kApp1 = 0xE1, kApp2 = 0xE2;

/// One segment before the first scan.
struct Segment {
    std::uint8_t marker = 0;
    Bytes payload;
    std::size_t end = 0;  ///< where the next one begins
};

/// The segment at `at`; marker 0: the segments have ended.
Segment segment_at(Bytes bytes, std::size_t at) {
    while (at + 1 < bytes.size() && bytes[at] == 0xFF && bytes[at + 1] == 0xFF) ++at;  // fill bytes
    if (at + 4 > bytes.size() || bytes[at] != 0xFF) return {};
    const std::uint8_t marker = bytes[at + 1];
    constexpr std::uint8_t kStartOfScan = 0xDA, kEnd = 0xD9;
    const std::size_t length = big_endian(bytes, at + 2, 2);
    if (marker == kStartOfScan || marker == kEnd || length < 2 || at + 2 + length > bytes.size()) return {};
    return {marker, bytes.subspan(at + 4, length - 2), at + 2 + length};
}

void append_segment(std::vector<std::uint8_t>& to, std::uint8_t marker, std::string_view begin, Bytes content,
                    const char* what) {
    const std::size_t payload = begin.size() + content.size();
    if (payload > kMostPayload)
        throw UsageError(std::string("a JPEG has no place for ") + what + " of " + std::to_string(content.size()) +
                         " bytes; 64 KiB is the most");
    to.push_back(0xFF);
    to.push_back(marker);
    append_big_endian(to, payload + 2, 2);
    append(to, begin);
    append(to, content);
}

/// The parts of a profile that is too large for one segment, by their numbers.
struct ProfileParts {
    std::vector<Bytes> parts;
    void add(Bytes payload) {
        if (payload.size() < 2) return;
        const std::size_t number = payload[0], count = payload[1];
        if (number == 0 || number > count) return;
        parts.resize(std::max(parts.size(), count));
        parts[number - 1] = payload.subspan(2);
    }
    std::vector<std::uint8_t> joined() const {
        std::vector<std::uint8_t> profile;
        for (const Bytes part : parts) {
            if (part.empty()) return {};
            append(profile, part);
        }
        return profile;
    }
};

}  // namespace

PictureNotes read_jpeg(Bytes bytes) {
    PictureNotes notes;
    ProfileParts profile;
    for (Segment segment = segment_at(bytes, 2); segment.marker != 0; segment = segment_at(bytes, segment.end)) {
        const std::string_view text = text_of(segment.payload);
        if (segment.marker == kApp1 && text.starts_with("Exif\0"sv) && text.size() > kExifBegin.size()) {
            const Bytes exif = segment.payload.subspan(kExifBegin.size());
            if (notes.exif.empty()) notes.exif.assign(exif.begin(), exif.end());
        } else if (segment.marker == kApp1 && text.starts_with(kXmpBegin)) {
            if (notes.xmp.empty()) notes.xmp = text.substr(kXmpBegin.size());
        } else if (segment.marker == kApp2 && text.starts_with(kProfileBegin)) {
            profile.add(segment.payload.subspan(kProfileBegin.size()));
        }
    }
    notes.profile = profile.joined();
    if (notes.profile.size() > kMostProfileBytes) notes.profile.clear();
    return notes;
}

std::vector<std::uint8_t> write_jpeg(Bytes bytes, const PictureNotes& notes) {
    // Behind libjpeg's JFIF segment, which must be the first.
    constexpr std::uint8_t kApp0 = 0xE0;
    const Segment first = segment_at(bytes, 2);
    const std::size_t place = first.marker == kApp0 ? first.end : 2;
    std::vector<std::uint8_t> noted(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(place));
    if (!notes.exif.empty()) append_segment(noted, kApp1, kExifBegin, notes.exif, "EXIF");
    if (!notes.xmp.empty())
        append_segment(noted, kApp1, kXmpBegin,
                       {reinterpret_cast<const std::uint8_t*>(notes.xmp.data()), notes.xmp.size()}, "XMP");
    constexpr std::size_t kMostPart = kMostPayload - 14;  // begin, number, count
    const std::size_t count = (notes.profile.size() + kMostPart - 1) / kMostPart;
    for (std::size_t i = 0; i < count && count < 256; ++i) {
        std::string begin(kProfileBegin);
        begin += static_cast<char>(i + 1);
        begin += static_cast<char>(count);
        append_segment(noted, kApp2, begin,
                       Bytes(notes.profile)
                           .subspan(i * kMostPart)
                           .first(std::min(kMostPart, notes.profile.size() - i * kMostPart)),
                       "a profile");
    }
    append(noted, bytes.subspan(place));
    return noted;
}

}  // namespace affectsr::notes
