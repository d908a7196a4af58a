#include "affectsr/metric/planes.h"

#include <cmath>

namespace affectsr {

namespace {

std::string text_of(ImageSize size) {
    return std::to_string(size.width) + " × " + std::to_string(size.height);
}

template <class Value>
Plane filled(const Image& image, int border, Value value) {
    Plane plane{image.width - 2 * border, image.height - 2 * border, {}};
    plane.values.reserve(static_cast<std::size_t>(plane.width) * plane.height);
    for (int y = border; y < image.height - border; ++y) {
        for (int x = border; x < image.width - border; ++x) plane.values.push_back(value(image.pixel(x, y)));
    }
    return plane;
}

double studio_y(const std::uint8_t* p) {
    return 16 + (65.481 * p[0] + 128.553 * p[1] + 24.966 * p[2]) / 255;
}

}  // namespace

std::vector<Plane> compared_planes(const Image& image, const PlaneOptions& options) {
    const int border = options.border_px;
    if (border < 0 || image.width <= 2 * border || image.height <= 2 * border) {
        throw InputError("too_small", "a picture of " + text_of(image.size()) +
                                          " px has nothing left inside a border of " + std::to_string(border) +
                                          " px; set border_px lower");
    }
    if (options.channels == "y") return {filled(image, border, studio_y)};
    if (options.channels == "y_truncated") {
        return {filled(image, border, [](const std::uint8_t* p) { return std::floor(studio_y(p)); })};
    }
    if (options.channels != "rgb") {
        throw UsageError("\"channels\" must be one of y, rgb, y_truncated; got \"" + options.channels + "\"");
    }
    std::vector<Plane> planes;
    for (int c = 0; c < 3; ++c) {
        planes.push_back(filled(image, border, [c](const std::uint8_t* p) { return static_cast<double>(p[c]); }));
    }
    return planes;
}

void expect_same_size(const Image& hr, const Image& sr) {
    if (hr.size() == sr.size()) return;
    throw InputError("size_mismatch", "pictures of " + text_of(hr.size()) + " and " + text_of(sr.size()) +
                                          " px cannot be compared; both must have one size");
}

}  // namespace affectsr
