// An 8-bit RGB picture without padding, origin top-left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace affectsr {

/// Width and height in pixels.
struct ImageSize {
    int width = 0;
    int height = 0;
    bool operator==(const ImageSize&) const = default;
};

/// A picture: `rgb` holds height × width × 3 bytes, rows top to bottom, R G B interleaved, sRGB values 0–255.
/// A plain value: copy it freely; concurrent reads are safe.
struct Image {
    int width = 0;   ///< pixels
    int height = 0;  ///< pixels
    std::vector<std::uint8_t> rgb;

    Image() = default;
    /// A picture of one grey level (default black). Throws Bug for negative sizes.
    Image(int width_px, int height_px, std::uint8_t level = 0);
    bool empty() const { return width == 0 || height == 0; }
    ImageSize size() const { return {width, height}; }
    std::uint8_t* pixel(int x, int y) { return rgb.data() + (static_cast<std::size_t>(y) * width + x) * 3; }
    const std::uint8_t* pixel(int x, int y) const { return rgb.data() + (static_cast<std::size_t>(y) * width + x) * 3; }
    bool operator==(const Image&) const = default;
};

/// BT.601 luma (0.299 R + 0.587 G + 0.114 B) of every pixel, height × width values 0–255, not rounded.
std::vector<float> luma(const Image&);

/// Every value with the picture's mean taken away and divided by its standard deviation, which counts as at least
/// 1/sqrt(number of values) so that a constant picture gives zeros; over all channels together, in the order of `rgb`.
/// What FSR-FER's networks are fed. Throws Bug for an empty picture. Source: FaceNet's prewhiten, as FSR-FER uses it.
std::vector<float> prewhiten(const Image&);

}  // namespace affectsr
