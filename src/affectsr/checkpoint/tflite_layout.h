// How TensorFlow lays out numbers and windows, and how a Plan does.
#pragma once

#include <cstddef>
#include <vector>

namespace affectsr {

/// [out, height, width, in] → [out, in, height, width]; `area` is height · width.
std::vector<float> channels_first(const std::vector<float>& from, std::size_t out, std::size_t area, std::size_t in);

/// The weight [out · area, out · area, 1, 1] of a convolution that puts channels in another order: DEPTH_TO_SPACE takes
/// those of one new pixel side by side, PixelShuffle those of one new channel. `area`: new pixels of an old one.
std::vector<float> shuffling_weight(std::size_t out, std::size_t area);

/// Where the windows of a convolution or pool stand along one side of a picture.
struct WindowPlaces {
    int before = 0, after = 0;  ///< pixels of border
    int count = 0;              ///< windows; 0: the picture is smaller than one
    bool operator==(const WindowPlaces&) const = default;
};

/// TensorFlow's "SAME" (a window for every stride that begins in the picture, what is missing split with the odd pixel
/// behind) or "VALID" (only windows inside it). Source: TensorFlow's GetWindowedOutputSize.
WindowPlaces window_places(int size, int window, int stride, bool same);

}  // namespace affectsr
