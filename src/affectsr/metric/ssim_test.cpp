#include "affectsr/metric/ssim.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

// A picture with structure: every pixel another value, the same on every machine.
Image patterned(int width, int height, unsigned seed) {
    Image image(width, height);
    for (std::uint8_t& value : image.rgb)
        value = static_cast<std::uint8_t>((seed = seed * 1664525u + 1013904223u) >> 24);
    return image;
}

TEST(Ssim, APictureIsWhollySimilarToItself) {
    const Image image = patterned(20, 16, 1);
    EXPECT_NEAR(ssim(image, image), 1, 1e-12);
}

TEST(Ssim, FlatPicturesDifferInLuminanceOnly) {
    SsimOptions options;
    options.channels = "rgb";
    const double c1 = 2.55 * 2.55;
    EXPECT_NEAR(ssim(Image(12, 12, 100), Image(12, 12, 200), options),
                (2 * 100 * 200 + c1) / (100 * 100 + 200 * 200 + c1), 1e-9);
}

TEST(Ssim, ANegativeIsDissimilar) {
    const Image image = patterned(20, 16, 1);
    Image negative = image;
    for (std::uint8_t& value : negative.rgb) value = static_cast<std::uint8_t>(255 - value);
    EXPECT_LT(ssim(image, negative), -0.5);
}

TEST(Ssim, TheWindowMustFitInsideTheBorder) {
    EXPECT_NO_THROW(ssim(Image(11, 11), Image(11, 11)));
    EXPECT_THROW(ssim(Image(11, 10), Image(11, 10)), InputError);
    SsimOptions cropped;
    cropped.border_px = 1;
    EXPECT_THROW(ssim(Image(12, 12), Image(12, 12), cropped), InputError);
    SsimOptions uniform;
    uniform.window = "uniform";
    EXPECT_NO_THROW(ssim(Image(7, 7), Image(7, 7), uniform));
    EXPECT_THROW(ssim(Image(11, 12), Image(12, 11)), InputError);
}

TEST(Ssim, ItsGradientIsTheSlopeOfItsValue) {
    for (const bool sample_covariance : {false, true}) {
        SsimOptions options;
        options.channels = "rgb";
        options.sample_covariance = sample_covariance;
        const Plane truth = compared_planes(patterned(14, 13, 3), options).front();
        Plane judged = compared_planes(patterned(14, 13, 4), options).front();
        std::vector<double> gradient;
        plane_ssim(truth, judged, options, &gradient);
        for (const std::size_t i : {0ul, 45ul, 90ul, 181ul}) {
            const double value = judged.values[i], step = 1e-3;
            judged.values[i] = value + step;
            const double above = plane_ssim(truth, judged, options);
            judged.values[i] = value - step;
            const double below = plane_ssim(truth, judged, options);
            judged.values[i] = value;
            EXPECT_NEAR(gradient[i], (above - below) / (2 * step), 1e-9) << "pixel " << i;
        }
    }
}

TEST(Ssim, AveragesFacesAndRemembersTheWorst) {
    Ssim metric(SsimOptions{});
    EXPECT_TRUE(std::isnan(metric.value()));
    const Image a = patterned(20, 16, 1), b = patterned(20, 16, 2);
    metric.add({.hr = &a, .sr = &a, .in_hr = {}, .in_sr = {}, .truth = {}});
    metric.add({.hr = &a, .sr = &b, .in_hr = {}, .in_sr = {}, .truth = {}});
    EXPECT_NEAR(metric.value(), (1 + ssim(a, b)) / 2, 1e-12);
    EXPECT_NEAR(metric.details()["least"].get<double>(), ssim(a, b), 1e-12);
}

}  // namespace
}  // namespace affectsr
