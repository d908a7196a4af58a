#include "affectsr/image/degrade.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "affectsr/base/error.h"
#include "affectsr/base/random.h"
#include "affectsr/image/border.h"
#include "affectsr/image/codec.h"

namespace affectsr {
namespace {

std::uint8_t rounded(double value) {
    return static_cast<std::uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
}

/// Half of a Gaussian kernel that sums to 1: [0] is the centre. Cut at 3 σ, where 0.3 % is left.
std::vector<double> gaussian_half(double sigma_px) {
    std::vector<double> half(static_cast<std::size_t>(std::ceil(3 * sigma_px)) + 1);
    double sum = 0;
    for (std::size_t i = 0; i < half.size(); ++i) {
        const double t = static_cast<double>(i) / sigma_px;
        half[i] = std::exp(-0.5 * t * t);
        sum += i == 0 ? half[i] : 2 * half[i];
    }
    for (double& weight : half) weight /= sum;
    return half;
}

/// Blurs one line of `count` samples that lie `step` bytes apart. Beyond it lies what bicubic shrinking sees there.
void blur_line(std::uint8_t* line, int count, std::size_t step, const std::vector<double>& half,
               std::vector<double>& padded) {
    const int radius = static_cast<int>(half.size()) - 1;
    padded.resize(static_cast<std::size_t>(count) + 2 * radius);
    for (int i = -radius; i < count + radius; ++i) padded[i + radius] = line[mirrored(i, count) * step];
    for (int i = 0; i < count; ++i) {
        const double* centre = padded.data() + i + radius;
        double sum = half[0] * centre[0];
        for (int tap = 1; tap <= radius; ++tap) sum += half[tap] * (centre[-tap] + centre[tap]);
        line[i * step] = rounded(sum);
    }
}

Image blurred(Image image, double sigma_px) {
    const std::vector<double> half = gaussian_half(sigma_px);
    std::vector<double> padded;
    const std::size_t stride = static_cast<std::size_t>(image.width) * 3;
    for (int y = 0; y < image.height; ++y) {
        for (int channel = 0; channel < 3; ++channel)
            blur_line(image.pixel(0, y) + channel, image.width, 3, half, padded);
    }
    for (std::size_t x = 0; x < stride; ++x) blur_line(image.rgb.data() + x, image.height, stride, half, padded);
    return image;
}

Image shrunk(const Image& image, const Degradation& degradation) {
    const Filter filter = degradation.filter == "bicubic"    ? Filter::bicubic
                          : degradation.filter == "area"     ? Filter::area
                          : degradation.filter == "bilinear" ? Filter::bilinear
                                                             : Filter::nearest;
    if (degradation.size_px > 0) return resize(image, {degradation.size_px, degradation.size_px}, filter);
    if (degradation.scale == 1) return image;
    const double scale = 1 / degradation.scale;
    const ImageSize to{scaled_size(image.width, scale), scaled_size(image.height, scale)};
    return resize(image, to, resampling_of(filter), scale, scale);
}

bool is_grey(const Image& image) {
    for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
        if (image.rgb[i] != image.rgb[i + 1] || image.rgb[i] != image.rgb[i + 2]) return false;
    }
    return true;
}

void add_noise(Image& image, double sigma, std::mt19937_64& random) {
    // A grey camera has no colour noise: one number per pixel keeps its pictures grey.
    const std::size_t repeat = is_grey(image) ? 3 : 1;
    const std::size_t samples = image.rgb.size() / repeat;
    double second = 0;
    for (std::size_t i = 0; i < samples; ++i) {
        double noise = second;
        if (i % 2 == 0) std::tie(noise, second) = two_standard_normals(random);
        const std::uint8_t noisy = rounded(image.rgb[i * repeat] + sigma * noise);
        std::fill_n(image.rgb.begin() + static_cast<std::ptrdiff_t>(i * repeat), repeat, noisy);
    }
}

}  // namespace

Image degrade(const Image& hr, const Degradation& degradation, std::mt19937_64& random) {
    Degradation checked;
    set_from_json(checked, to_json(degradation), "degradation");  // the ranges stand in its listing and nowhere else
    if (hr.empty()) throw UsageError("cannot degrade an empty picture");

    Image lr = checked.blur_sigma_px > 0 ? shrunk(blurred(hr, checked.blur_sigma_px), checked) : shrunk(hr, checked);
    if (checked.noise_sigma > 0) add_noise(lr, checked.noise_sigma, random);
    if (checked.jpeg_quality > 0) lr = decode_image(encode_jpeg(lr, checked.jpeg_quality), "the degraded picture");
    if (checked.enlarge_back) lr = resize(lr, hr.size(), Filter::bicubic);
    return lr;
}

}  // namespace affectsr
