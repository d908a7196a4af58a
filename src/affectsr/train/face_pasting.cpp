#include "affectsr/train/face_pasting.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "affectsr/image/resize.h"

namespace affectsr {

namespace {

constexpr double kLeastFeatherPx = 2;  // an edge of small patches that a network could learn
constexpr double kFeather = 0.15;      // share of a patch's side over which it fades into the background
constexpr std::size_t kPoints = 5;

/// Bilinear, the border repeated; x and y count pixel centres.
std::array<float, 3> colour_at(const Image& image, double x, double y) {
    x = std::clamp(x, 0.0, image.width - 1.0), y = std::clamp(y, 0.0, image.height - 1.0);
    const int x0 = static_cast<int>(x), y0 = static_cast<int>(y), x1 = std::min(x0 + 1, image.width - 1),
              y1 = std::min(y0 + 1, image.height - 1);
    const double fx = x - x0, fy = y - y0;
    std::array<float, 3> colour{};
    const auto level = [&](int column, int row, std::size_t c) {
        return image.rgb[(static_cast<std::size_t>(row) * static_cast<std::size_t>(image.width) +
                          static_cast<std::size_t>(column)) *
                             3 +
                         c];
    };
    for (std::size_t c = 0; c < 3; ++c) {
        const double top = level(x0, y0, c) * (1 - fx) + level(x1, y0, c) * fx,
                     bottom = level(x0, y1, c) * (1 - fx) + level(x1, y1, c) * fx;
        colour[c] = static_cast<float>(top * (1 - fy) + bottom * fy);
    }
    return colour;
}

/// 0 at the edge of a patch, 1 inside, smooth between, over `feather` of its side; x and y are −1 … 1.
double opacity(double x, double y, double feather) {
    const double inside = std::clamp((1 - std::max(std::abs(x), std::abs(y))) / (2 * feather), 0.0, 1.0);
    return inside * inside * (3 - 2 * inside);
}

}  // namespace

MarkedFace scaled(MarkedFace face, double by) {
    Box& box = face.box_in_photo;
    for (float* side : {&box.x, &box.y, &box.width, &box.height}) *side = static_cast<float>(double{*side} * by);
    for (Point& point : face.landmarks_in_photo)
        point = {static_cast<float>((double{point.x} + 0.5) * by - 0.5),
                 static_cast<float>((double{point.y} + 0.5) * by - 0.5)};
    return face;
}

MarkedFace on_canvas(const MarkedFace& face, const Pasting& at) {
    MarkedFace moved = face;
    const Box& box = face.box_in_photo;
    const Point middle = at.to_canvas({box.x + box.width / 2 - 0.5F, box.y + box.height / 2 - 0.5F});
    const double turn = std::abs(at.sine);  // a lying face is as wide as it was high
    const double width = at.scale * (double{box.width} * (1 - turn) + double{box.height} * turn),
                 height = at.scale * (double{box.height} * (1 - turn) + double{box.width} * turn);
    moved.box_in_photo = {static_cast<float>(double{middle.x} + 0.5 - width / 2),
                          static_cast<float>(double{middle.y} + 0.5 - height / 2), static_cast<float>(width),
                          static_cast<float>(height)};
    for (Point& point : moved.landmarks_in_photo) point = at.to_canvas(point);
    if (at.mirror < 0 && moved.landmarks_in_photo.size() == kPoints) {
        std::swap(moved.landmarks_in_photo[0], moved.landmarks_in_photo[1]);
        std::swap(moved.landmarks_in_photo[3], moved.landmarks_in_photo[4]);
    }
    return moved;
}

void draw_patch(const Image& photo, const Pasting& at, double gain, double lift, Image& canvas) {
    // Where the patch shrinks, the photograph is reduced first, so that nothing aliases.
    Image smaller;
    double by = 1;
    if (at.scale < 0.75) {
        const ImageSize size{std::max(1, static_cast<int>(std::lround(photo.width * at.scale))),
                             std::max(1, static_cast<int>(std::lround(photo.height * at.scale)))};
        smaller = resize(photo, size, Filter::bilinear);
        by = static_cast<double>(size.width) / photo.width;
    }
    const Image& from = smaller.empty() ? photo : smaller;
    const double feather = std::min(0.3, std::max(kFeather, kLeastFeatherPx / (2 * at.half * at.scale)));
    const double reach = at.half * at.scale * std::numbers::sqrt2;
    const int left = std::max(0, static_cast<int>(at.centre_x - reach)),
              right = std::min(canvas.width - 1, static_cast<int>(at.centre_x + reach) + 1);
    const int top = std::max(0, static_cast<int>(at.centre_y - reach)),
              bottom = std::min(canvas.height - 1, static_cast<int>(at.centre_y + reach) + 1);
    for (int y = top; y <= bottom; ++y)
        for (int x = left; x <= right; ++x) {
            const Point p = at.to_photo(x, y);
            const double share =
                opacity((double{p.x} - at.middle_x) / at.half, (double{p.y} - at.middle_y) / at.half, feather);
            if (share <= 0) continue;
            const std::array<float, 3> colour =
                colour_at(from, (double{p.x} + 0.5) * by - 0.5, (double{p.y} + 0.5) * by - 0.5);
            std::uint8_t* const pixel =
                canvas.rgb.data() +
                (static_cast<std::size_t>(y) * static_cast<std::size_t>(canvas.width) + static_cast<std::size_t>(x)) *
                    3;
            for (std::size_t c = 0; c < 3; ++c) {
                const double lit = std::clamp(double{colour[c]} * gain + lift, 0.0, 255.0);
                pixel[c] = static_cast<std::uint8_t>(pixel[c] * (1 - share) + lit * share + 0.5);
            }
        }
}

}  // namespace affectsr
