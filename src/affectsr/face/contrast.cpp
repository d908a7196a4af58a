#include "affectsr/face/contrast.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr double kLeastShading = 0.08;  // the smallest of 1,693 photographed faces: 0.11
constexpr double kFlatInside = 0.33, kSoft = 0.3, kSoftInside = 0.2;
constexpr int kBlack = 5, kWhite = 250;  // what codecs make of clipped values
constexpr int kLeastContour = 40;        // levels; a dark or hazy photograph has fewer, and rounding hides its shading

int largest_difference(const std::uint8_t* a, const std::uint8_t* b) {
    int largest = 0;
    for (int c = 0; c < 3; ++c) largest = std::max(largest, std::abs(a[c] - b[c]));
    return largest;
}

/// Black or white, as over- and underexposure leave it.
bool clipped(const std::uint8_t* pixel) {
    return std::all_of(pixel, pixel + 3, [](int value) { return value >= kWhite; }) ||
           std::all_of(pixel, pixel + 3, [](int value) { return value <= kBlack; });
}

/// The value that a share of all lies below.
int quantile(std::vector<int>& values, double share) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

double share_below(const std::vector<int>& values, double limit) {
    const auto below = std::count_if(values.begin(), values.end(), [limit](int value) { return value < limit; });
    return values.empty() ? 0 : static_cast<double>(below) / static_cast<double>(values.size());
}

}  // namespace

double luma_deviation(const Image& picture) {
    AFFECTSR_EXPECT(!picture.empty(), "a picture to measure has pixels");
    double sum = 0, squares = 0;
    const std::vector<float> values = luma(picture);
    for (const float value : values) sum += static_cast<double>(value);
    const double mean = sum / static_cast<double>(values.size());
    for (const float value : values) squares += std::pow(static_cast<double>(value) - mean, 2);
    return std::sqrt(squares / static_cast<double>(values.size()));
}

bool looks_drawn(const Image& picture) {
    if (picture.width < 3 || picture.height < 3) return false;
    std::vector<int> contrast, contrast_inside;  // inside: not clipped
    for (int y = 0; y + 1 < picture.height; ++y)
        for (int x = 0; x + 1 < picture.width; ++x) {
            const std::uint8_t* const here = picture.pixel(x, y);
            contrast.push_back(std::max(largest_difference(here, picture.pixel(x + 1, y)),
                                        largest_difference(here, picture.pixel(x, y + 1))));
            if (!clipped(here)) contrast_inside.push_back(contrast.back());
        }
    const int contour = quantile(contrast, 0.95);
    if (contour < kLeastContour || share_below(contrast, kLeastShading * contour) <= 0.5) return false;
    // An over- or underexposed photograph is flat where it was clipped, and shaded elsewhere.
    return share_below(contrast_inside, kLeastShading * contour) > kFlatInside ||
           share_below(contrast_inside, kSoft * contour) < kSoftInside;
}

}  // namespace affectsr
