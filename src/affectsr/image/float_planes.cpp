#include "affectsr/image/float_planes.h"

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
    for (std::size_t i = 0; i < area; ++i)
        for (std::size_t c = 0; c < 3; ++c) planes[c * area + i] = static_cast<float>(picture.rgb[i * 3 + c]) / 255.0f;
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
