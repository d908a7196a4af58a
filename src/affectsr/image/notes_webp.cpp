#include <webp/decode.h>

#include "affectsr/base/error.h"
#include "affectsr/image/notes_formats.h"

namespace affectsr::notes {

namespace {

constexpr std::size_t kRiffHeader = 12, kChunkHeader = 8;

void append_chunk(std::vector<std::uint8_t>& to, std::string_view tag, Bytes content) {
    append(to, tag);
    append_little_endian(to, content.size(), 4);
    append(to, content);
    if (content.size() % 2 == 1) to.push_back(0);
}

}  // namespace

PictureNotes read_webp(Bytes bytes) {
    PictureNotes notes;
    for (std::size_t at = kRiffHeader; at + kChunkHeader <= bytes.size();) {
        const std::size_t size = little_endian(bytes, at + 4, 4);
        if (size > bytes.size() - at - kChunkHeader) break;
        const std::string_view tag = text_of(bytes.subspan(at, 4));
        const Bytes content = bytes.subspan(at + kChunkHeader, size);
        if (tag == "XMP " && notes.xmp.empty()) notes.xmp = text_of(content);
        if (tag == "ICCP" && notes.profile.empty() && size <= kMostProfileBytes)
            notes.profile.assign(content.begin(), content.end());
        if (tag == "EXIF" && notes.exif.empty()) {
            const bool prefixed = text_of(content).starts_with(std::string_view("Exif\0\0", 6));
            const Bytes block = content.subspan(prefixed ? 6 : 0);
            notes.exif.assign(block.begin(), block.end());
        }
        at += kChunkHeader + size + size % 2;
    }
    return notes;
}

std::vector<std::uint8_t> write_webp(Bytes bytes, const PictureNotes& notes) {
    int width = 0, height = 0;
    AFFECTSR_EXPECT(WebPGetInfo(bytes.data(), bytes.size(), &width, &height) && bytes.size() > kRiffHeader &&
                        text_of(bytes.subspan(kRiffHeader, 4)) != "VP8X",
                    "notes are added to a simple WebP file");
    constexpr std::uint8_t kXmpFlag = 0x04, kExifFlag = 0x08, kProfileFlag = 0x20;
    std::vector<std::uint8_t> header{
        static_cast<std::uint8_t>((notes.xmp.empty() ? 0 : kXmpFlag) | (notes.exif.empty() ? 0 : kExifFlag) |
                                  (notes.profile.empty() ? 0 : kProfileFlag)),
        0, 0, 0};
    append_little_endian(header, static_cast<std::size_t>(width - 1), 3);
    append_little_endian(header, static_cast<std::size_t>(height - 1), 3);
    std::vector<std::uint8_t> body;
    append(body, "WEBP");
    append_chunk(body, "VP8X", header);
    if (!notes.profile.empty()) append_chunk(body, "ICCP", notes.profile);
    append(body, bytes.subspan(kRiffHeader));
    if (body.size() % 2 == 1) body.push_back(0);
    if (!notes.exif.empty()) append_chunk(body, "EXIF", notes.exif);
    if (!notes.xmp.empty())
        append_chunk(body, "XMP ", {reinterpret_cast<const std::uint8_t*>(notes.xmp.data()), notes.xmp.size()});
    std::vector<std::uint8_t> noted;
    append_chunk(noted, "RIFF", body);
    return noted;
}

}  // namespace affectsr::notes
