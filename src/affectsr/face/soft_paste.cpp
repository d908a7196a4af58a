#include "affectsr/face/soft_paste.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

/// A rectangle of floats, row by row.
struct Sheet {
    int width = 0, height = 0;
    std::vector<float> values;
    float* row(int y) { return values.data() + static_cast<std::size_t>(y) * width; }
    const float* row(int y) const { return values.data() + static_cast<std::size_t>(y) * width; }
};

Sheet transposed(const Sheet& sheet) {
    Sheet turned{sheet.height, sheet.width, std::vector<float>(sheet.values.size())};
    for (int y = 0; y < sheet.height; ++y)
        for (int x = 0; x < sheet.width; ++x) turned.row(x)[y] = sheet.row(y)[x];
    return turned;
}

/// Each row's minimum over the samples −before … +after around each; what lies outside does not count. van Herk 1992:
/// three comparisons a sample, however wide the window.
void erode_rows(Sheet& sheet, int before, int after) {
    const int n = sheet.width, window = before + after + 1;
    const float nothing = std::numeric_limits<float>::infinity();
    // `forward` and `backward` run through blocks of a window's length.
    const int padded = (n + before + after + window - 1) / window * window;
    std::vector<float> line(padded), forward(padded), backward(padded);
    for (int y = 0; y < sheet.height; ++y) {
        std::fill(line.begin(), line.end(), nothing);
        std::copy_n(sheet.row(y), n, line.begin() + before);
        for (int i = 0; i < padded; ++i) forward[i] = i % window == 0 ? line[i] : std::min(forward[i - 1], line[i]);
        for (int i = padded - 1; i >= 0; --i)
            backward[i] = i % window == window - 1 ? line[i] : std::min(backward[i + 1], line[i]);
        for (int x = 0; x < n; ++x) sheet.row(y)[x] = std::min(backward[x], forward[x + window - 1]);
    }
}

/// cv::erode with a box of ones: an even side looks one sample further back, and no side at all means 3 × 3.
void erode(Sheet& sheet, int side) {
    if (side == 0) side = 3;
    for (int pass = 0; pass < 2; ++pass) {
        erode_rows(sheet, side / 2, side - 1 - side / 2);
        sheet = transposed(sheet);
    }
}

/// cv::getGaussianKernel; sigma 0: chosen by the side, and fixed weights up to 7.
std::vector<double> gaussian(int side, double sigma) {
    static const std::vector<std::vector<double>> fixed{
        {1},
        {1 / 4., 2 / 4., 1 / 4.},
        {1 / 16., 4 / 16., 6 / 16., 4 / 16., 1 / 16.},
        {2 / 64., 7 / 64., 14 / 64., 18 / 64., 14 / 64., 7 / 64., 2 / 64.}};
    if (sigma == 0 && side <= 7) return fixed[side / 2];
    if (sigma == 0) sigma = 0.3 * ((side - 1) * 0.5 - 1) + 0.8;
    std::vector<double> weights;
    for (int i = 0; i < side; ++i) weights.push_back(std::exp(-std::pow((i - side / 2) / sigma, 2) / 2));
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (double& weight : weights) weight /= sum;
    return weights;
}

/// … 2 1 | 0 1 2 … n−1 | n−2 …: the edge sample once (BORDER_REFLECT_101).
int reflected(int i, int n) {
    if (n == 1) return 0;
    const int period = 2 * (n - 1), at = ((i % period) + period) % period;
    return std::min(at, period - at);
}

/// The weighted sum of as many samples as there are weights: in their order, or from the centre outwards.
float weighed(const float* samples, const std::vector<float>& weights, bool from_centre) {
    const int side = static_cast<int>(weights.size()), half = side / 2;
    float sum = 0;
    if (!from_centre) {
        for (int i = 0; i < side; ++i) sum += weights[i] * samples[i];
        return sum;
    }
    sum = weights[half] * samples[half];
    for (int i = 1; i <= half; ++i) sum += weights[half + i] * (samples[half + i] + samples[half - i]);
    return sum;
}

/// cv::GaussianBlur: across in order, down from the centre, all in float. The order decides whether weights add up to 1
/// or to a little less, which is one level once a sum is rounded down.
void blur(Sheet& sheet, const std::vector<double>& exact) {
    const std::vector<float> weights(exact.begin(), exact.end());
    const int half = static_cast<int>(weights.size()) / 2;
    for (const bool down : {false, true}) {
        std::vector<float> line(static_cast<std::size_t>(sheet.width) + 2 * half);
        for (int y = 0; y < sheet.height; ++y) {
            float* const row = sheet.row(y);
            for (int i = 0; i < static_cast<int>(line.size()); ++i) line[i] = row[reflected(i - half, sheet.width)];
            for (int x = 0; x < sheet.width; ++x) row[x] = weighed(line.data() + x, weights, down);
        }
        sheet = transposed(sheet);
    }
}

/// The part of the background that the crop may touch.
struct Place {
    std::array<int, 2> origin;
    ImageSize size;
};

Place place_of(const Image& background, ImageSize crop, const Affine& background_from_crop) {
    double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
    for (const int x : {-1, crop.width})
        for (const int y : {-1, crop.height}) {
            const Point corner = background_from_crop.apply({static_cast<float>(x), static_cast<float>(y)});
            left = std::min(left, static_cast<double>(corner.x)),
            right = std::max(right, static_cast<double>(corner.x));
            top = std::min(top, static_cast<double>(corner.y)),
            bottom = std::max(bottom, static_cast<double>(corner.y));
        }
    // One pixel more than the crop reaches, so that the mask is 0 all around.
    const auto within = [](double position, int size) {
        return static_cast<int>(std::clamp(position, 0.0, size * 1.0));
    };
    const int x0 = within(std::floor(left) - 1, background.width), x1 = within(std::ceil(right) + 2, background.width);
    const int y0 = within(std::floor(top) - 1, background.height),
              y1 = within(std::ceil(bottom) + 2, background.height);
    return {{x0, y0}, {x1 - x0, y1 - y0}};
}

std::vector<float> channel_of(const Image& image, int channel) {
    std::vector<float> plane(static_cast<std::size_t>(image.width) * image.height);
    for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = image.rgb[3 * i + static_cast<std::size_t>(channel)];
    return plane;
}

/// The crop's place as shares of 0–1, without its outermost pixels; and the same shrunk and blurred.
struct SquareMask {
    Sheet eroded, soft;
};

SquareMask square_mask(ImageSize crop, const Affine& background_from_crop, int upscale, const Place& place) {
    const std::vector<float> ones(static_cast<std::size_t>(crop.width) * crop.height, 1.0F);
    SquareMask mask;
    mask.eroded = {
        place.size.width, place.size.height,
        warp_plane(ones, crop, background_from_crop, place.size, BilinearRule::opencv_float, 0, place.origin)};
    erode(mask.eroded, 2 * upscale);
    const double area = std::accumulate(mask.eroded.values.begin(), mask.eroded.values.end(), 0.0);
    const int edge = static_cast<int>(std::sqrt(area)) / 20;
    mask.soft = mask.eroded;
    erode(mask.soft, 2 * edge);
    blur(mask.soft, gaussian(2 * edge + 1, 0));
    return mask;
}

}  // namespace

Image cut_for_restorer(const Image& photo, const Similarity& crop_from_photo, int size_px) {
    AFFECTSR_EXPECT(!photo.empty() && size_px >= 1, "cut_for_restorer() needs a photo and a size of at least 1 px");
    Image crop(size_px, size_px);
    for (int c = 0; c < 3; ++c) {
        const std::vector<float> plane = warp_plane(channel_of(photo, c), photo.size(), Affine(crop_from_photo),
                                                    crop.size(), BilinearRule::opencv, kRestorerBorder[c]);
        for (std::size_t i = 0; i < plane.size(); ++i)
            crop.rgb[3 * i + static_cast<std::size_t>(c)] = static_cast<std::uint8_t>(plane[i]);
    }
    return crop;
}

Affine background_from_crop(const Similarity& crop_from_photo, int upscale) {
    AFFECTSR_EXPECT(upscale >= 1, "a background is at least as large as the photo");
    Affine map = Affine(crop_from_photo).inverse();
    for (double& value : map.m) value *= upscale;
    if (upscale > 1) map.m[2] += 0.5 * upscale, map.m[5] += 0.5 * upscale;
    return map;
}

std::vector<float> soft_parts(std::span<const std::uint8_t> labels, int side) {
    AFFECTSR_EXPECT(side >= 1 && labels.size() == static_cast<std::size_t>(side) * side, "one label for every pixel");
    constexpr int kBlurPx = 101, kRimPx = 10;
    constexpr double kBlurSigma = 11;
    Sheet sheet{side, side, {}};
    for (const std::uint8_t label : labels) sheet.values.push_back((label >= 1 && label <= 13) || label == 15 ? 1 : 0);
    for (int pass = 0; pass < 2; ++pass) blur(sheet, gaussian(kBlurPx, kBlurSigma));
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x)
            if (std::min({x, y, side - 1 - x, side - 1 - y}) < kRimPx) sheet.row(y)[x] = 0;
    return sheet.values;
}

void paste_back_soft(Image& background, const Image& restored, const Affine& background_from_crop, int upscale,
                     PasteMask mask, std::span<const float> parts) {
    AFFECTSR_EXPECT(!background.empty() && !restored.empty() && upscale >= 1, "paste_back_soft() needs two pictures");
    const std::size_t wanted =
        mask == PasteMask::square ? 0 : static_cast<std::size_t>(restored.width) * restored.height;
    AFFECTSR_EXPECT(parts.size() == wanted, "parts are as large as the restored face, or absent");
    const Place place = place_of(background, restored.size(), background_from_crop);
    if (place.size.width == 0 || place.size.height == 0) return;
    SquareMask square;
    if (mask != PasteMask::parts) square = square_mask(restored.size(), background_from_crop, upscale, place);
    std::vector<float> weight = square.soft.values;
    if (mask != PasteMask::square) {
        const std::vector<float> drawn = warp_plane(parts, restored.size(), background_from_crop, place.size,
                                                    BilinearRule::opencv_float, 0, place.origin);
        if (mask == PasteMask::parts) weight = drawn;
        for (std::size_t i = 0; i < weight.size(); ++i) weight[i] = std::min(weight[i], drawn[i]);
    }
    for (int c = 0; c < 3; ++c) {
        const std::vector<float> face = warp_plane(channel_of(restored, c), restored.size(), background_from_crop,
                                                   place.size, BilinearRule::opencv, 0, place.origin);
        for (std::size_t i = 0; i < face.size(); ++i) {
            const int x = place.origin[0] + static_cast<int>(i) % place.size.width;
            const int y = place.origin[1] + static_cast<int>(i) / place.size.width;
            std::uint8_t& pixel = background.pixel(x, y)[c];
            const double share = static_cast<double>(weight[i]);
            const double shown = static_cast<double>(face[i]) *
                                 (square.eroded.values.empty() ? 1 : static_cast<double>(square.eroded.values[i]));
            pixel = static_cast<std::uint8_t>(std::clamp(share * shown + (1 - share) * pixel, 0.0, 255.0));
        }
    }
}

}  // namespace affectsr
