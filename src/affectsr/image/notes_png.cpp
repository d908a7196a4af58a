#include <zlib.h>

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/image/notes_formats.h"

namespace affectsr::notes {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kSignature = 8, kChunkFrame = 12;  // length, type, checksum
constexpr std::string_view kXmpKeyword = "XML:com.adobe.xmp"sv;

void append_chunk(std::vector<std::uint8_t>& to, std::string_view type, Bytes content) {
    append_big_endian(to, content.size(), 4);
    const std::size_t checked = to.size();
    append(to, type);
    append(to, content);
    append_big_endian(to, crc32(0, to.data() + checked, static_cast<uInt>(to.size() - checked)), 4);
}

/// What follows the keyword and its zero; empty: it is another keyword.
Bytes behind_keyword(Bytes content, std::string_view keyword) {
    const std::string_view text = text_of(content);
    const bool is_it = text.size() > keyword.size() && text.starts_with(keyword) && text[keyword.size()] == '\0';
    return is_it ? content.subspan(keyword.size() + 1) : Bytes{};
}

/// The XMP packet in the content of an iTXt chunk; empty: there is none, or it is compressed, which XMP forbids.
std::string xmp_in(Bytes content) {
    const Bytes rest = behind_keyword(content, kXmpKeyword);
    if (rest.size() < 2 || rest[0] != 0) return "";
    std::string_view text = text_of(rest.subspan(2));
    for (int i = 0; i < 2; ++i) {  // language and translated keyword
        const std::size_t zero = text.find('\0');
        if (zero == std::string_view::npos) return "";
        text.remove_prefix(zero + 1);
    }
    return std::string(text);
}

/// The profile in the content of an iCCP chunk.
std::vector<std::uint8_t> profile_in(Bytes content) {
    const std::size_t zero = text_of(content).find('\0');
    if (zero == std::string_view::npos || zero + 2 >= content.size()) return {};
    const Bytes packed = content.subspan(zero + 2);
    std::vector<std::uint8_t> profile(kMostProfileBytes);
    uLongf size = profile.size();
    if (uncompress(profile.data(), &size, packed.data(), packed.size()) != Z_OK) return {};
    profile.resize(size);
    return profile;
}

}  // namespace

PictureNotes read_png(Bytes bytes) {
    PictureNotes notes;
    bool profile_seen = false;
    for (std::size_t at = kSignature; at + kChunkFrame <= bytes.size();) {
        const std::size_t size = big_endian(bytes, at, 4);
        if (size > bytes.size() - at - kChunkFrame) break;
        const std::string_view type = text_of(bytes.subspan(at + 4, 4));
        const Bytes content = bytes.subspan(at + 8, size);
        if (type == "iTXt" && notes.xmp.empty()) notes.xmp = xmp_in(content);
        if (type == "eXIf" && notes.exif.empty()) notes.exif.assign(content.begin(), content.end());
        if (type == "iCCP" && !profile_seen) {
            notes.profile = profile_in(content);
            profile_seen = true;
        }
        if (type == "tEXt")
            if (const std::size_t zero = text_of(content).find('\0'); zero != std::string_view::npos)
                notes.texts.emplace_back(text_of(content).substr(0, zero), text_of(content).substr(zero + 1));
        at += kChunkFrame + size;
    }
    return notes;
}

std::vector<std::uint8_t> write_png(Bytes bytes, const PictureNotes& notes) {
    constexpr std::size_t kHeaderContent = 13, kPlace = kSignature + kChunkFrame + kHeaderContent;
    AFFECTSR_EXPECT(bytes.size() > kPlace, "a PNG begins with its header");
    std::vector<std::uint8_t> noted(bytes.begin(), bytes.begin() + kPlace);
    if (!notes.profile.empty()) {
        std::vector<std::uint8_t> packed(compressBound(notes.profile.size()));
        uLongf size = packed.size();
        AFFECTSR_EXPECT(compress(packed.data(), &size, notes.profile.data(), notes.profile.size()) == Z_OK,
                        "zlib has as much room as it asked for");
        std::vector<std::uint8_t> content;
        append(content, "ICC profile\0\0"sv);
        append(content, Bytes(packed).first(size));
        append_chunk(noted, "iCCP", content);
    }
    if (!notes.exif.empty()) append_chunk(noted, "eXIf", notes.exif);
    for (const auto& [keyword, text] : notes.texts) {
        AFFECTSR_EXPECT(!keyword.empty() && keyword.size() < 80, "a PNG's keyword has 1 to 79 letters");
        std::vector<std::uint8_t> content;
        append(content, keyword);
        content.push_back(0);
        append(content, text);
        append_chunk(noted, "tEXt", content);
    }
    if (!notes.xmp.empty()) {
        std::vector<std::uint8_t> content;
        append(content, kXmpKeyword);
        append(content, "\0\0\0\0\0"sv);  // end of the keyword, not compressed, method, no language, no translation
        append(content, notes.xmp);
        append_chunk(noted, "iTXt", content);
    }
    append(noted, bytes.subspan(kPlace));
    return noted;
}

}  // namespace affectsr::notes
