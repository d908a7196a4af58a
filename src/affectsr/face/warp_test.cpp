#include "affectsr/face/warp.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "affectsr/base/error.h"
#include "affectsr/image/resize.h"

namespace affectsr {
namespace {

Image noise(int width, int height, unsigned seed = 1) {
    Image image(width, height);
    std::mt19937 random(seed);
    for (std::uint8_t& value : image.rgb) value = static_cast<std::uint8_t>(random() & 255);
    return image;
}

int largest_difference(const Image& a, const Image& b, int border_px) {
    EXPECT_EQ(a.size(), b.size());
    int largest = 0;
    for (int y = border_px; y < a.height - border_px; ++y)
        for (int x = border_px; x < a.width - border_px; ++x)
            for (int c = 0; c < 3; ++c) largest = std::max(largest, std::abs(a.pixel(x, y)[c] - b.pixel(x, y)[c]));
    return largest;
}

TEST(Warp, AShiftByWholePixelsCopiesThem) {
    const Image source = noise(20, 16);
    const Image target = warp(source, {1, 0, 3, 2}, {10, 9});
    for (int y = 0; y < 9; ++y)
        for (int x = 0; x < 10; ++x)
            for (int c = 0; c < 3; ++c) ASSERT_EQ(target.pixel(x, y)[c], source.pixel(x + 3, y + 2)[c]);
}

TEST(Warp, AQuarterTurnCopiesPixelsToo) {
    const Image source = noise(12, 12);
    const Image target = warp(source, {0, 1, 11, 0}, {12, 12});  // target (x, y) shows source (11 − y, x)
    for (int y = 0; y < 12; ++y)
        for (int x = 0; x < 12; ++x) ASSERT_EQ(target.pixel(x, y)[1], source.pixel(11 - y, x)[1]);
}

TEST(Warp, ShrinksAsMatlabDoes) {
    const Image source = noise(120, 96);
    const Image expected = resize(source, {40, 32}, Filter::bicubic);
    const Image target = warp(source, {3, 0, 1, 1}, {40, 32});  // edges meet edges: (x + 0.5) · 3 − 0.5
    // Borders differ: imresize mirrors the picture, a face in a photo has neighbours.
    EXPECT_LE(largest_difference(target, expected, 3), 1);
}

TEST(Warp, EnlargesAsMatlabDoes) {
    const Image source = noise(24, 24);
    const Image target = warp(source, {0.5, 0, -0.25, -0.25}, {48, 48});
    EXPECT_LE(largest_difference(target, resize(source, {48, 48}, Filter::bicubic), 4), 1);
}

TEST(Warp, AFineChequerBecomesGreyWhenShrunkAtAnyAngle) {
    Image chequer(256, 256);
    for (int y = 0; y < 256; ++y)
        for (int x = 0; x < 256; ++x)
            for (int c = 0; c < 3; ++c) chequer.pixel(x, y)[c] = (x + y) % 2 ? 255 : 0;
    for (const double angle : {0.0, 0.3, 0.785}) {
        const double a = 4 * std::cos(angle), b = 4 * std::sin(angle);
        const Image target = warp(chequer, {a, b, 128 - 8 * a + 8 * b, 128 - 8 * b - 8 * a}, {16, 16});
        for (const std::uint8_t value : target.rgb) ASSERT_NEAR(value, 127.5, 3) << "angle " << angle;
    }
}

TEST(Warp, StrongShrinkingOverBlocksAgreesWithMatlab) {
    const Image source = resize(noise(60, 60), {960, 960}, Filter::bicubic);
    const Image expected = resize(source, {30, 30}, Filter::bicubic);
    EXPECT_LE(largest_difference(warp(source, {32, 0, 15.5, 15.5}, {30, 30}), expected, 3), 3);
}

TEST(Warp, OutsideThePhotoItsBorderIsRepeated) {
    Image source(4, 4, 10);
    for (int c = 0; c < 3; ++c) source.pixel(0, 0)[c] = 200;
    const Image target = warp(source, {1, 0, -1000, -1000}, {5, 5});
    EXPECT_EQ(target, Image(5, 5, 200));
}

TEST(Warp, AnEnormousTransformStaysWithinThePicture) {
    const Image target = warp(noise(30, 30), {1e7, 0, -1e8, 1e9}, {3, 3});
    EXPECT_EQ(target.size(), (ImageSize{3, 3}));
}

TEST(Warp, RefusesEmptyPictures) {
    EXPECT_THROW(warp(Image(), {}, {3, 3}), Bug);
    EXPECT_THROW(warp(Image(3, 3), {}, {0, 3}), Bug);
}

}  // namespace
}  // namespace affectsr
