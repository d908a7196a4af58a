#include "affectsr/image/picture_format.h"

#include <algorithm>
#include <string_view>

#include "affectsr/base/error.h"

namespace affectsr {

std::optional<PictureFormat> picture_format(std::span<const std::uint8_t> bytes) {
    using namespace std::string_view_literals;
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 12));
    const auto agrees = [text](std::string_view signature, std::size_t least) {
        const std::size_t known = std::min(text.size(), signature.size());
        return known >= least && text.substr(0, known) == signature.substr(0, known);
    };
    if (agrees("\xFF\xD8\xFF"sv, 2)) return PictureFormat::jpeg;
    if (agrees("\x89PNG\r\n\x1A\n"sv, 2)) return PictureFormat::png;
    if (agrees("RIFF"sv, 4) && (text.size() < 12 || text.substr(8) == "WEBP")) return PictureFormat::webp;
    return std::nullopt;
}

const char* ending_of(PictureFormat format) {
    switch (format) {
        case PictureFormat::jpeg:
            return ".jpg";
        case PictureFormat::png:
            return ".png";
        case PictureFormat::webp:
            return ".webp";
    }
    throw Bug("no such format");
}

int most_side_px(PictureFormat format) {
    switch (format) {
        case PictureFormat::jpeg:
            return 65500;  // libjpeg's
        case PictureFormat::png:
            return 1'000'000;  // libpng's
        case PictureFormat::webp:
            return 16383;  // WEBP_MAX_DIMENSION
    }
    throw Bug("no such format");
}

}  // namespace affectsr
