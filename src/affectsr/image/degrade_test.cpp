#include "affectsr/image/degrade.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/image/test_pictures.h"

namespace affectsr {
namespace {

using testing::largest_difference;
using testing::smooth_picture;

Image degraded(const Image& hr, const Degradation& degradation, std::uint64_t seed = 1) {
    std::mt19937_64 random(seed);
    return degrade(hr, degradation, random);
}

TEST(Degrade, ByDefaultChangesNothing) {
    const Image hr = smooth_picture(31, 17);
    EXPECT_EQ(degraded(hr, {}), hr);
}

TEST(Degrade, DividesBothSidesAndRoundsUp) {
    Degradation degradation;
    degradation.scale = 3;
    EXPECT_EQ(degraded(Image(100, 50), degradation).size(), (ImageSize{34, 17}));
    degradation.scale = 2.5;
    EXPECT_EQ(degraded(Image(100, 51), degradation).size(), (ImageSize{40, 21}));
    degradation.scale = 16;
    EXPECT_EQ(degraded(Image(3, 40), degradation).size(), (ImageSize{1, 3}));
}

TEST(Degrade, TheKernelUsesTheScaleAndNotTheRatioOfTheRoundedSizes) {
    const Image hr = smooth_picture(100, 100);
    Degradation degradation;
    degradation.scale = 3;
    EXPECT_EQ(degraded(hr, degradation), resize(hr, {34, 34}, resampling_of(Filter::bicubic), 1.0 / 3, 1.0 / 3));
}

TEST(Degrade, ShrinksToAGivenSizeWithoutKeepingTheAspectRatio) {
    Degradation degradation;
    degradation.size_px = 28;
    degradation.filter = "nearest";
    const Image hr = smooth_picture(56, 84);
    const Image lr = degraded(hr, degradation);
    ASSERT_EQ(lr.size(), (ImageSize{28, 28}));
    for (int i = 0; i < 28; ++i) EXPECT_EQ(lr.pixel(i, i)[0], hr.pixel(2 * i, 3 * i)[0]);
}

TEST(Degrade, EnlargesBackToTheOriginalSize) {
    Degradation degradation;
    degradation.scale = 4;
    degradation.enlarge_back = true;
    const Image hr = smooth_picture(48, 48);
    const Image back = degraded(hr, degradation);
    EXPECT_EQ(back.size(), hr.size());
    EXPECT_LE(largest_difference(back, hr), 12);
}

TEST(Degrade, BlurKeepsAConstantPictureAndSpreadsAPointAsAGaussian) {
    Degradation degradation;
    degradation.blur_sigma_px = 1.5;
    EXPECT_EQ(degraded(Image(9, 5, 77), degradation), Image(9, 5, 77));

    Image line(31, 31);
    for (int y = 0; y < 31; ++y) std::fill_n(line.pixel(15, y), 3, std::uint8_t{255});
    const Image blurred = degraded(line, degradation);
    for (int distance = 0; distance <= 4; ++distance) {
        const double expected = 255 * std::exp(-distance * distance / 4.5) / (1.5 * std::sqrt(2 * M_PI));
        EXPECT_NEAR(blurred.pixel(15 + distance, 15)[0], expected, 1.0) << distance;
        EXPECT_EQ(blurred.pixel(15 + distance, 15)[0], blurred.pixel(15 - distance, 15)[0]);
    }
}

TEST(Degrade, BlurReachesFurtherThanATinyPictureWithoutHarm) {
    Degradation degradation;
    degradation.blur_sigma_px = 32;
    EXPECT_EQ(degraded(Image(1, 2, 5), degradation), Image(1, 2, 5));
}

TEST(Degrade, NoiseHasTheDeviationThatWasAsked) {
    Degradation degradation;
    degradation.noise_sigma = 10;
    const Image hr = smooth_picture(200, 100);
    const Image noisy = degraded(hr, degradation);
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < hr.rgb.size(); ++i) {
        const double noise = noisy.rgb[i] - hr.rgb[i];
        sum += noise, squares += noise * noise;
    }
    const double count = static_cast<double>(hr.rgb.size());
    EXPECT_NEAR(sum / count, 0, 0.2);
    EXPECT_NEAR(std::sqrt(squares / count), 10, 0.3);
}

TEST(Degrade, NoiseKeepsAGreyPictureGrey) {
    Degradation degradation;
    degradation.noise_sigma = 20;
    degradation.jpeg_quality = 60;
    const Image noisy = degraded(Image(32, 32, 128), degradation);
    bool changed = false;
    for (std::size_t i = 0; i < noisy.rgb.size(); i += 3) {
        changed |= noisy.rgb[i] != 128;
        ASSERT_EQ(noisy.rgb[i], noisy.rgb[i + 1]);
        ASSERT_EQ(noisy.rgb[i], noisy.rgb[i + 2]);
    }
    EXPECT_TRUE(changed);
}

TEST(Degrade, JpegLosesMoreAtLowerQuality) {
    std::mt19937_64 random(3);
    Image hr = smooth_picture(48, 48);
    for (std::uint8_t& value : hr.rgb) value = static_cast<std::uint8_t>(value / 2 + random() % 128);
    Degradation fine, coarse;
    fine.jpeg_quality = 95;
    coarse.jpeg_quality = 10;
    EXPECT_LT(largest_difference(degraded(hr, fine), hr), largest_difference(degraded(hr, coarse), hr));
}

TEST(Degrade, TheSameSeedGivesTheSameBytesAndAnotherDoesNot) {
    const Image hr = smooth_picture(48, 48);
    Degradation degradation;
    degradation.blur_sigma_px = 0.8;
    degradation.scale = 3.3;
    degradation.noise_sigma = 6;
    degradation.jpeg_quality = 70;
    degradation.enlarge_back = true;
    EXPECT_EQ(degraded(hr, degradation, 7), degraded(hr, degradation, 7));
    EXPECT_NE(degraded(hr, degradation, 7), degraded(hr, degradation, 8));
}

TEST(Degrade, RefusesSettingsOutOfRange) {
    const Image hr(8, 8);
    const auto with = [](auto change) {
        Degradation degradation;
        change(degradation);
        return degradation;
    };
    EXPECT_THROW(degraded(hr, with([](Degradation& d) { d.scale = 0.5; })), UsageError);
    EXPECT_THROW(degraded(hr, with([](Degradation& d) { d.scale = 17; })), UsageError);
    EXPECT_THROW(degraded(hr, with([](Degradation& d) { d.blur_sigma_px = -1; })), UsageError);
    EXPECT_THROW(degraded(hr, with([](Degradation& d) { d.jpeg_quality = 101; })), UsageError);
    EXPECT_THROW(degraded(hr, with([](Degradation& d) { d.filter = "lanczos"; })), UsageError);
    EXPECT_THROW(degraded(hr, with([](Degradation& d) { d.noise_sigma = std::nan(""); })), UsageError);
    EXPECT_THROW(degraded(Image(), {}), UsageError);
}

}  // namespace
}  // namespace affectsr
