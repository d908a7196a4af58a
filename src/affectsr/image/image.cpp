#include "affectsr/image/image.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {

Image::Image(int width_px, int height_px, std::uint8_t level) : width(width_px), height(height_px) {
    AFFECTSR_EXPECT(width_px >= 0 && height_px >= 0, "a picture cannot have a negative side");
    rgb.assign(static_cast<std::size_t>(width_px) * static_cast<std::size_t>(height_px) * 3, level);
}

std::vector<float> luma(const Image& image) {
    std::vector<float> grey(image.rgb.size() / 3);
    const std::uint8_t* rgb = image.rgb.data();
    for (float& value : grey) {
        value = static_cast<float>(0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]);
        rgb += 3;
    }
    return grey;
}

std::vector<float> prewhiten(const Image& image) {
    AFFECTSR_EXPECT(!image.empty(), "an empty picture has no mean to take away");
    const double count = static_cast<double>(image.rgb.size());
    double sum = 0;
    for (const std::uint8_t value : image.rgb) sum += value;
    const double mean = sum / count;
    double squares = 0;  // around the mean: the difference of two large sums would lose digits
    for (const std::uint8_t value : image.rgb) squares += (value - mean) * (value - mean);
    const double deviation = std::max(std::sqrt(squares / count), 1.0 / std::sqrt(count));
    std::vector<float> white(image.rgb.size());
    std::transform(image.rgb.begin(), image.rgb.end(), white.begin(),
                   [&](std::uint8_t value) { return static_cast<float>((value - mean) / deviation); });
    return white;
}

}  // namespace affectsr
