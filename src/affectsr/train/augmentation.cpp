#include "affectsr/train/augmentation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "affectsr/base/error.h"
#include "affectsr/base/random.h"
#include "affectsr/face/mesh.h"

namespace affectsr {

FacePlanes to_planes(const Image& picture, int channels) {
    AFFECTSR_EXPECT(channels == 1 || channels == 3, "faces have 1 or 3 planes");
    FacePlanes planes{picture.width, picture.height, channels, {}};
    const std::size_t area = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
    planes.values.resize(area * static_cast<std::size_t>(channels));
    if (channels == 1) {
        const std::vector<float> grey = luma(picture);
        for (std::size_t i = 0; i < area; ++i) planes.values[i] = static_cast<std::uint8_t>(grey[i] + 0.5f);
        return planes;
    }
    for (std::size_t i = 0; i < area; ++i)
        for (std::size_t c = 0; c < 3; ++c) planes.values[c * area + i] = picture.rgb[i * 3 + c];
    return planes;
}

namespace {

/// Where an output pixel lies in the face: centre + [a −b; b a] · (pixel − middle of the output), b also mirrored.
struct Placement {
    double centre_x, centre_y, a, b, mirror;

    /// Where a point of the face comes to lie in an output of `px`; pixel centres are whole numbers in both.
    Point to_output(Point p, int px) const {
        const double dx = double{p.x} + 0.5 - centre_x, dy = double{p.y} + 0.5 - centre_y, square = a * a + b * b;
        return {static_cast<float>(mirror * (a * dx + b * dy) / square + px / 2.0 - 0.5),
                static_cast<float>((a * dy - b * dx) / square + px / 2.0 - 0.5),
                static_cast<float>(double{p.z} / std::sqrt(square))};
    }
};

float bilinear(const std::uint8_t* plane, int width, int height, double x, double y) {
    x = std::clamp(x, 0.0, width - 1.0);
    y = std::clamp(y, 0.0, height - 1.0);
    const int x0 = static_cast<int>(x), y0 = static_cast<int>(y);
    const int x1 = std::min(x0 + 1, width - 1), y1 = std::min(y0 + 1, height - 1);
    const double fx = x - x0, fy = y - y0;
    const double top = plane[y0 * width + x0] * (1 - fx) + plane[y0 * width + x1] * fx;
    const double bottom = plane[y1 * width + x0] * (1 - fx) + plane[y1 * width + x1] * fx;
    return static_cast<float>(top * (1 - fy) + bottom * fy);
}

/// Samples the placed square; where it shrinks, each pixel is the mean of n × n samples, so that nothing aliases.
void sample(const FacePlanes& face, const Placement& at, int px, float* to) {
    const int n = std::max(1, static_cast<int>(std::ceil(std::hypot(at.a, at.b) - 0.05)));
    const std::size_t area = static_cast<std::size_t>(face.width) * static_cast<std::size_t>(face.height);
    for (int c = 0; c < face.channels; ++c) {
        const std::uint8_t* plane = face.values.data() + static_cast<std::size_t>(c) * area;
        for (int y = 0; y < px; ++y)
            for (int x = 0; x < px; ++x) {
                float sum = 0;
                for (int sy = 0; sy < n; ++sy)
                    for (int sx = 0; sx < n; ++sx) {
                        const double dx = at.mirror * (x + (sx + 0.5) / n - px / 2.0),
                                     dy = y + (sy + 0.5) / n - px / 2.0;
                        sum += bilinear(plane, face.width, face.height, at.centre_x + at.a * dx - at.b * dy - 0.5,
                                        at.centre_y + at.b * dx + at.a * dy - 0.5);
                    }
                *to++ = sum / static_cast<float>(n * n);
            }
    }
}

float rounded(float level) {
    return std::clamp(std::floor(level + 0.5f), 0.0f, 255.0f);
}

double within(std::mt19937_64& random, double least, double most) {
    return least + (most - least) * uniform01(random);
}

/// Random erasing (Zhong et al. 2020, arXiv:1708.04896): 4 to 20 % of the area, filled with noise.
void erase(std::vector<float>& values, int channels, int px, std::mt19937_64& random) {
    const double area = within(random, 0.04, 0.2), aspect = std::exp(within(random, -0.7, 0.7));
    const int w = std::clamp(static_cast<int>(px * std::sqrt(area * aspect)), 1, px);
    const int h = std::clamp(static_cast<int>(px * std::sqrt(area / aspect)), 1, px);
    const int left = static_cast<int>(within(random, 0, px - w + 1)),
              top = static_cast<int>(within(random, 0, px - h + 1));
    for (int c = 0; c < channels; ++c)
        for (int y = top; y < top + h; ++y)
            for (int x = left; x < left + w; ++x)
                values[static_cast<std::size_t>((c * px + y) * px + x)] =
                    rounded(static_cast<float>(255 * uniform01(random)));
}

/// Planes of whole levels as a picture; one plane becomes grey.
Image to_picture(const CutFace& face) {
    Image picture(face.px, face.px);
    const std::size_t area = picture.rgb.size() / 3;
    for (std::size_t i = 0; i < picture.rgb.size(); ++i) {
        const std::size_t plane = face.channels == 3 ? i % 3 : 0;
        picture.rgb[i] = static_cast<std::uint8_t>(face.levels[plane * area + i / 3]);
    }
    return picture;
}

/// Points where a placement takes them, named from the viewer's side again after mirroring.
Landmarks placed(const Landmarks& landmarks, const Placement& at, int px) {
    Landmarks result;
    for (const Point& point : landmarks) result.push_back(at.to_output(point, px));
    if (at.mirror < 0) exchange_sides(result);
    return result;
}

CutFace cut_at(const FacePlanes& face, const Landmarks& landmarks, const Placement& at, int px) {
    CutFace cut{px, face.channels, {}, placed(landmarks, at, px)};
    cut.levels.resize(static_cast<std::size_t>(face.channels) * static_cast<std::size_t>(px) *
                      static_cast<std::size_t>(px));
    sample(face, at, px, cut.levels.data());
    return cut;
}

}  // namespace

void change_light(std::vector<float>& levels, const Augmentation& how, std::mt19937_64& random) {
    float mean = 0;
    for (const float v : levels) mean += v;
    mean /= static_cast<float>(levels.size());
    const auto gain = static_cast<float>(1 + within(random, -how.contrast, how.contrast));
    const auto lift = static_cast<float>(255 * within(random, -how.brightness, how.brightness));
    for (float& v : levels) v = rounded((v - mean) * gain + mean + lift);
}

CutFace augmented(const FacePlanes& face, const Landmarks& landmarks, double crop, int px, const Augmentation& how,
                  std::mt19937_64& random) {
    const double side = crop * std::min(face.width, face.height);
    const double angle = within(random, -how.rotate_deg, how.rotate_deg) * std::numbers::pi / 180;
    const double step =
        side / px * (1 + within(random, -how.zoom, how.zoom));  // pixels of the face per pixel of the input
    const Placement at{face.width / 2.0 + side * within(random, -how.shift, how.shift),
                       face.height / 2.0 + side * within(random, -how.shift, how.shift), step * std::cos(angle),
                       step * std::sin(angle), uniform01(random) < how.mirror ? -1.0 : 1.0};
    CutFace cut = cut_at(face, landmarks, at, px);
    change_light(cut.levels, how, random);
    if (uniform01(random) < how.erase) erase(cut.levels, face.channels, px, random);
    return cut;
}

CutFace middle(const FacePlanes& face, const Landmarks& landmarks, double crop, int px) {
    const double step = crop * std::min(face.width, face.height) / px;
    CutFace cut = cut_at(face, landmarks, {face.width / 2.0, face.height / 2.0, step, 0, 1}, px);
    for (float& level : cut.levels) level = rounded(level);
    return cut;
}

void write_floats(const CutFace& face, float* to) {
    for (const float level : face.levels) *to++ = level / 255.0f;
}

void write_degraded(const CutFace& face, const Degradation& how, std::mt19937_64& random, float* to) {
    const Image degraded = degrade(to_picture(face), how, random);
    for (const std::uint8_t level : to_planes(degraded, face.channels).values)
        *to++ = static_cast<float>(level) / 255.0f;
}

Degradation only_small(int small_px, int full_px) {
    Degradation smaller;
    smaller.size_px = std::min(small_px, full_px);
    smaller.enlarge_back = true;
    return smaller;
}

Degradation draw_degradation(int px, const Augmentation& how, std::mt19937_64& random) {
    Degradation drawn;
    drawn.size_px = px;
    drawn.enlarge_back = true;
    if (uniform01(random) < how.blur_share) drawn.blur_sigma_px = within(random, 0.3, std::max(0.3, how.most_blur_px));
    if (uniform01(random) < how.small_share)
        drawn.size_px = std::clamp(static_cast<int>(px / within(random, how.least_scale, how.most_scale) + 0.5), 1, px);
    if (uniform01(random) < how.noise_share) drawn.noise_sigma = within(random, 0, how.most_noise);
    if (drawn.size_px < px && uniform01(random) < how.jpeg_share)
        drawn.jpeg_quality = static_cast<int>(within(random, 30, 96));
    return drawn;
}

}  // namespace affectsr
