// A folder that a test fills with lists and pictures; it goes away with the object.
#pragma once

#include <cstdint>
#include <filesystem>

#include "affectsr/base/test_folder.h"
#include "affectsr/image/codec.h"

namespace affectsr {

/// For tests only.
class PictureFolder : public TestFolder {
 public:
    /// Writes a picture of one grey level as PNG bytes, whatever the extension.
    void picture(const std::filesystem::path& relative, std::uint8_t level = 128, int side_px = 4) const {
        const auto png = encode_png(Image(side_px, side_px, level));
        write(relative, {reinterpret_cast<const char*>(png.data()), png.size()});
    }
};

}  // namespace affectsr
