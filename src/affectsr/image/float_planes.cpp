#include "affectsr/image/float_planes.h"

#include <algorithm>
#include <cstdint>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

std::size_t area_of(ImageSize size) {
    return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
}

void expect_planes(ImageSize size, int channels, std::size_t floats) {
    AFFECTSR_EXPECT(channels == 1 || channels == 3, "pictures have 1 or 3 channels");
    AFFECTSR_EXPECT(size.width > 0 && size.height > 0, "an empty picture");
    AFFECTSR_EXPECT(floats == static_cast<std::size_t>(channels) * area_of(size), "planes of another size");
}

/// Pixels of a row to their three planes. Bytes may alias anything: without the promise no two are moved at once.
void split_row(const std::uint8_t* __restrict rgb, std::size_t pixels, float* __restrict red, float* __restrict green,
               float* __restrict blue) {
    for (std::size_t i = 0; i < pixels; ++i) {
        red[i] = static_cast<float>(rgb[3 * i]) / 255.0f;
        green[i] = static_cast<float>(rgb[3 * i + 1]) / 255.0f;
        blue[i] = static_cast<float>(rgb[3 * i + 2]) / 255.0f;
    }
}

/// Written so that NaN takes the first branch.
std::uint8_t byte_of(float value) {
    const float v = value * 255.0f + 0.5f;
    if (!(v > 0)) return 0;
    return v >= 255 ? std::uint8_t{255} : static_cast<std::uint8_t>(v);
}

}  // namespace

void write_planes(const Image& picture, int channels, std::span<float> planes) {
    expect_planes(picture.size(), channels, planes.size());
    const std::size_t area = area_of(picture.size());
    if (channels == 1) {
        const std::vector<float> values = luma(picture);
        for (std::size_t i = 0; i < area; ++i) planes[i] = values[i] / 255.0f;
        return;
    }
    split_row(picture.rgb.data(), area, planes.data(), planes.data() + area, planes.data() + 2 * area);
}

void write_part_planes(const Image& picture, int left, int top, ImageSize size, ImageSize filled,
                       std::span<float> planes) {
    expect_planes(filled, 3, planes.size());
    AFFECTSR_EXPECT(size.width > 0 && size.height > 0 && left >= 0 && top >= 0 && size.width <= picture.width - left &&
                        size.height <= picture.height - top,
                    "a part outside its picture");
    AFFECTSR_EXPECT(size.width <= filled.width && size.height <= filled.height, "a part larger than its planes");
    const std::size_t area = area_of(filled);
    const auto width = static_cast<std::size_t>(filled.width), inner = static_cast<std::size_t>(size.width);
    for (int y = 0; y < filled.height; ++y) {
        const auto row = static_cast<std::size_t>(top + std::min(y, size.height - 1));
        const std::uint8_t* from =
            picture.rgb.data() + 3 * (row * static_cast<std::size_t>(picture.width) + static_cast<std::size_t>(left));
        float* to = planes.data() + static_cast<std::size_t>(y) * width;
        split_row(from, inner, to, to + area, to + 2 * area);
        for (std::size_t c = 0; c < 3; ++c)
            std::fill(to + c * area + inner, to + c * area + width, to[c * area + inner - 1]);
    }
}

Image picture_of(std::span<const float> planes, int channels, ImageSize size) {
    expect_planes(size, channels, planes.size());
    Image picture(size.width, size.height);
    const std::size_t area = area_of(size);
    for (std::size_t i = 0; i < area; ++i)
        for (std::size_t c = 0; c < 3; ++c)
            picture.rgb[i * 3 + c] = byte_of(planes[(channels == 3 ? c : 0) * area + i]);
    return picture;
}

}  // namespace affectsr
