#include "affectsr/train/face_framing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

#include "affectsr/base/error.h"
#include "affectsr/base/random.h"
#include "affectsr/face/align.h"
#include "affectsr/face/mesh.h"

namespace affectsr {

namespace {

constexpr int kMostSamples = 6;  // along each axis of a pixel

double within(std::mt19937_64& random, double least, double most) {
    return least + (most - least) * uniform01(random);
}

/// Adds the colour between pixels to `sum`; the border is repeated.
void add_colour(const Image& image, float x, float y, std::array<float, 3>& sum) {
    x = std::clamp(x, 0.0F, static_cast<float>(image.width - 1));
    y = std::clamp(y, 0.0F, static_cast<float>(image.height - 1));
    const int x0 = static_cast<int>(x), y0 = static_cast<int>(y);
    const int right = x0 + 1 < image.width ? 3 : 0, down = y0 + 1 < image.height ? 3 * image.width : 0;
    const float fx = x - static_cast<float>(x0), fy = y - static_cast<float>(y0);
    const float a = (1 - fx) * (1 - fy), b = fx * (1 - fy), c = (1 - fx) * fy, d = fx * fy;
    const std::uint8_t* at = image.pixel(x0, y0);
    for (std::size_t i = 0; i < 3; ++i, ++at)
        sum[i] += a * static_cast<float>(at[0]) + b * static_cast<float>(at[right]) + c * static_cast<float>(at[down]) +
                  d * static_cast<float>(at[down + right]);
}

/// Reads a square of a picture, and what lies beyond the picture.
class SquareReader {
 public:
    SquareReader(const Image& picture, const FaceFraming& framing, int px, const Image* beyond)
        : picture_(picture), beyond_(beyond), unit_per_pixel_(1.0 / px), framing_(framing) {
        const double step = framing.picture_from_unit.scale() / px;
        samples_ = std::clamp(static_cast<int>(std::lround(step)), 1, kMostSamples);
    }

    std::array<float, 3> at(int x, int y) const {
        std::array<float, 3> sum{};
        for (int j = 0; j < samples_; ++j)
            for (int i = 0; i < samples_; ++i) {
                const double u = (x + (i + 0.5) / samples_) * unit_per_pixel_,
                             v = (y + (j + 0.5) / samples_) * unit_per_pixel_;
                const Similarity& t = framing_.picture_from_unit;
                const double seen = framing_.mirrored ? 1 - u : u;
                add(t.a * seen - t.b * v + t.tx, t.b * seen + t.a * v + t.ty, u, v, sum);
            }
        for (float& level : sum) level /= static_cast<float>(samples_ * samples_);
        return sum;
    }

 private:
    void add(double x, double y, double u, double v, std::array<float, 3>& sum) const {
        const bool inside = x >= -0.5 && y >= -0.5 && x <= picture_.width - 0.5 && y <= picture_.height - 0.5;
        if (inside || beyond_ == nullptr)
            add_colour(picture_, static_cast<float>(x), static_cast<float>(y), sum);
        else
            add_colour(*beyond_, static_cast<float>(u * beyond_->width - 0.5),
                       static_cast<float>(v * beyond_->height - 0.5), sum);
    }

    const Image& picture_;
    const Image* beyond_;
    double unit_per_pixel_;
    FaceFraming framing_;
    int samples_;
};

}  // namespace

FaceFraming framing_of(const Landmarks& five_points) {
    const std::optional<Similarity> unit_from_picture = fit_similarity(five_points, kCropTemplate);
    AFFECTSR_EXPECT(unit_from_picture && unit_from_picture->scale() > 0, "five points of a face fit the template");
    return {unit_from_picture->inverse(), false};
}

FaceFraming moved_at_random(const FaceFraming& framing, const Augmentation& how, std::mt19937_64& random) {
    const double tilt = within(random, -1, 1), angle = tilt * std::abs(tilt) * how.rotate_deg * std::numbers::pi / 180;
    const double scale = std::exp(within(random, -1, 1) * std::log1p(how.zoom));
    const double a = scale * std::cos(angle), b = scale * std::sin(angle);
    const double x = 0.5 + within(random, -how.shift, how.shift), y = 0.5 + within(random, -how.shift, how.shift);
    const Similarity unit_from_moved{a, b, x - 0.5 * (a - b), y - 0.5 * (a + b)};
    return {compose(framing.picture_from_unit, unit_from_moved), uniform01(random) < how.mirror};
}

CutFace cut_framed(const Image& picture, const Landmarks& landmarks, const FaceFraming& framing, int px,
                   const Image* beyond) {
    AFFECTSR_EXPECT(!picture.empty() && px >= 1, "a square is cut from a picture");
    CutFace cut{px, 3, {}, {}};
    const std::size_t area = static_cast<std::size_t>(px) * static_cast<std::size_t>(px);
    cut.levels.resize(3 * area);
    const SquareReader reader(picture, framing, px, beyond);
    for (int y = 0; y < px; ++y)
        for (int x = 0; x < px; ++x) {
            const std::array<float, 3> colour = reader.at(x, y);
            const std::size_t at =
                static_cast<std::size_t>(y) * static_cast<std::size_t>(px) + static_cast<std::size_t>(x);
            for (std::size_t c = 0; c < 3; ++c) cut.levels[c * area + at] = std::floor(colour[c] + 0.5F);
        }
    const Similarity unit_from_picture = framing.picture_from_unit.inverse();
    const double depth = unit_from_picture.scale() * px;
    for (const Point& point : landmarks) {
        const Point at = unit_from_picture.apply(point);
        const double u = framing.mirrored ? 1 - double{at.x} : double{at.x};
        cut.landmarks.push_back({static_cast<float>(u * px - 0.5), static_cast<float>(double{at.y} * px - 0.5),
                                 static_cast<float>(double{point.z} * depth)});
    }
    if (framing.mirrored) exchange_sides(cut.landmarks);
    return cut;
}

void make_grey(CutFace& face) {
    const std::size_t area = face.levels.size() / 3;
    for (std::size_t i = 0; i < area; ++i) {
        float &red = face.levels[i], &green = face.levels[area + i], &blue = face.levels[2 * area + i];
        red = green = blue = std::floor(0.299F * red + 0.587F * green + 0.114F * blue + 0.5F);
    }
}

void cover_at_random(CutFace& face, std::mt19937_64& random) {
    const double area = within(random, 0.1, 0.33), aspect = std::exp(within(random, -0.9, 0.9));
    const double half_width = face.px * std::sqrt(area * aspect) / 2,
                 half_height = face.px * std::sqrt(area / aspect) / 2;
    const double middle_x = within(random, 0, face.px), middle_y = within(random, 0, face.px);
    const bool round = uniform01(random) < 0.5, noisy = uniform01(random) < 0.3;
    std::array<float, 3> colour{};
    for (float& level : colour) level = std::floor(static_cast<float>(255 * uniform01(random)));
    const std::size_t plane = face.levels.size() / 3;
    for (int y = 0; y < face.px; ++y)
        for (int x = 0; x < face.px; ++x) {
            const double dx = std::abs(x - middle_x) / half_width, dy = std::abs(y - middle_y) / half_height;
            if (round ? dx * dx + dy * dy > 1 : std::max(dx, dy) > 1) continue;
            const std::size_t at =
                static_cast<std::size_t>(y) * static_cast<std::size_t>(face.px) + static_cast<std::size_t>(x);
            for (std::size_t c = 0; c < 3; ++c)
                face.levels[c * plane + at] =
                    noisy ? std::floor(static_cast<float>(255 * uniform01(random))) : colour[c];
        }
}

}  // namespace affectsr
