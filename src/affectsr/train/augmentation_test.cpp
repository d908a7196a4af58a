#include "affectsr/train/augmentation.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

FacePlanes ramp(int side) {
    FacePlanes face{side, side, 1, {}};
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x) face.values.push_back(static_cast<std::uint8_t>(255 * x / (side - 1)));
    return face;
}

Augmentation nothing() {
    Augmentation none;
    none.mirror = none.rotate_deg = none.zoom = none.shift = none.brightness = none.contrast = none.erase = 0;
    none.small_share = none.noise_share = none.jpeg_share = none.blur_share = 0;
    return none;
}

/// A face as a network is fed it in training.
std::vector<float> fed(const FacePlanes& face, const Augmentation& how, std::uint64_t seed, int px = 24) {
    std::vector<float> values(static_cast<std::size_t>(px * px * face.channels));
    std::mt19937_64 random(seed);
    const CutFace cut = augmented(face, {}, 1, px, how, random);
    const Degradation degradation = draw_degradation(px, how, random);
    write_degraded(cut, degradation, random, values.data());
    return values;
}

/// Floats of the middle square.
std::vector<float> middle_of(const FacePlanes& face, double crop, int px) {
    std::vector<float> values(static_cast<std::size_t>(px * px));
    write_floats(middle(face, {}, crop, px), values.data());
    return values;
}

TEST(Augmentation, WithoutChanceAFaceStaysItself) {
    const FacePlanes face = ramp(24);
    const std::vector<float> values = fed(face, nothing(), 1);
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_FLOAT_EQ(values[i] * 255, face.values[i]);
}

TEST(Augmentation, TheSameSeedGivesTheSameFace) {
    EXPECT_EQ(fed(ramp(30), {}, 7), fed(ramp(30), {}, 7));
    EXPECT_NE(fed(ramp(30), {}, 7), fed(ramp(30), {}, 8));
}

TEST(Augmentation, AMirroredRampFallsToTheRight) {
    Augmentation how = nothing();
    how.mirror = 1;
    const std::vector<float> values = fed(ramp(24), how, 1);
    EXPECT_GT(values[0], 0.99f);
    EXPECT_LT(values[23], 0.01f);
}

TEST(Augmentation, SmallFacesLoseTheirDetail) {
    FacePlanes board{24, 24, 1, {}};
    for (int i = 0; i < 24 * 24; ++i) board.values.push_back((i + i / 24) % 2 ? 255 : 0);
    Augmentation how = nothing();
    how.small_share = 1;
    how.least_scale = how.most_scale = 4;
    for (const float v : fed(board, how, 1)) EXPECT_NEAR(v, 0.5, 0.1);
}

TEST(Augmentation, DegradesAFaceAsTheEvaluationDoes) {
    Image picture(24, 24);
    std::mt19937_64 levels(3);
    for (std::uint8_t& level : picture.rgb) level = static_cast<std::uint8_t>(levels());
    Augmentation how = nothing();
    how.blur_share = how.small_share = how.noise_share = how.jpeg_share = 1;
    for (const int channels : {1, 3}) {
        const FacePlanes face = to_planes(picture, channels);
        Image undamaged(24, 24);
        for (std::size_t i = 0; i < undamaged.rgb.size(); ++i)
            undamaged.rgb[i] = face.values[(channels == 3 ? i % 3 * 576 : 0) + i / 3];
        for (std::uint64_t seed = 1; seed <= 20; ++seed) {
            std::mt19937_64 random(seed);
            random.discard(8);  // place (5), light (2) and whether a rectangle is covered
            const Degradation drawn = draw_degradation(24, how, random);
            EXPECT_GE(drawn.blur_sigma_px, 0.3);
            EXPECT_GT(drawn.noise_sigma, 0);
            EXPECT_GE(drawn.jpeg_quality, 30);
            EXPECT_LT(drawn.size_px, 24);
            const FacePlanes expected = to_planes(degrade(undamaged, drawn, random), channels);
            const std::vector<float> values = fed(face, how, seed);
            for (std::size_t i = 0; i < values.size(); ++i)
                ASSERT_FLOAT_EQ(values[i] * 255, expected.values[i]) << channels << " channels, seed " << seed;
        }
    }
}

TEST(Augmentation, DrawsEachDegradationAsOftenAsItsShareSays) {
    std::mt19937_64 random(1);
    Augmentation how;
    how.blur_share = 0.1, how.small_share = 0.5, how.noise_share = 0.2, how.jpeg_share = 0.4;
    int blurred = 0, small = 0, noisy = 0, compressed = 0;
    for (int i = 0; i < 10000; ++i) {
        const Degradation drawn = draw_degradation(48, how, random);
        blurred += drawn.blur_sigma_px > 0;
        small += drawn.size_px < 48;
        noisy += drawn.noise_sigma > 0;
        compressed += drawn.jpeg_quality > 0;
        EXPECT_GE(drawn.size_px, 7);
        EXPECT_LE(drawn.jpeg_quality, 95);
    }
    EXPECT_NEAR(blurred, 1000, 150);
    EXPECT_NEAR(small, 5000, 250);
    EXPECT_NEAR(noisy, 2000, 200);
    EXPECT_NEAR(compressed, 2000, 200) << "only small faces are compressed";
}

TEST(Augmentation, ValuesAreWholeGreyLevels) {
    for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u})
        for (const float v : fed(ramp(40), {}, seed)) {
            EXPECT_GE(v, 0);
            EXPECT_LE(v, 1);
            EXPECT_NEAR(v * 255, std::round(v * 255), 1e-3);
        }
}

TEST(Augmentation, TheMiddleAtFullSizeIsTheFace) {
    const FacePlanes face = ramp(48);
    const std::vector<float> values = middle_of(face, 1, 48);
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_FLOAT_EQ(values[i] * 255, face.values[i]);
}

TEST(Augmentation, ACropTakesTheMiddle) {
    const std::vector<float> values = middle_of(ramp(48), 0.5, 12);
    EXPECT_NEAR(values[0] * 47, 12.5, 0.6);
    EXPECT_NEAR(values[11] * 47, 34.5, 0.6);
}

/// A dark face with one bright pixel at each of five places.
FacePlanes five_dots(const Landmarks& places, int side) {
    FacePlanes face{side, side, 1, std::vector<std::uint8_t>(static_cast<std::size_t>(side * side))};
    for (const Point& p : places)
        face.values[static_cast<std::size_t>(p.y) * side + static_cast<std::size_t>(p.x)] = 255;
    return face;
}

TEST(Augmentation, LandmarksGoWithThePicture) {
    const Landmarks places{{14, 18}, {34, 17}, {24, 26}, {17, 34}, {31, 35}};
    const FacePlanes face = five_dots(places, 48);
    Augmentation how = nothing();
    how.rotate_deg = 30, how.zoom = 0.1, how.shift = 0.05;
    for (const double mirror : {0.0, 1.0}) {
        how.mirror = mirror;
        for (std::uint64_t seed = 1; seed <= 10; ++seed) {
            std::mt19937_64 random(seed);
            const CutFace cut = augmented(face, places, 1, 48, how, random);
            ASSERT_EQ(cut.landmarks.size(), 5u);
            for (const Point& p : cut.landmarks) {
                // The dot's light lies within a pixel of where its point says.
                float light = 0;
                for (int y = static_cast<int>(p.y) - 1; y <= static_cast<int>(p.y) + 2; ++y)
                    for (int x = static_cast<int>(p.x) - 1; x <= static_cast<int>(p.x) + 2; ++x)
                        light += cut.levels[static_cast<std::size_t>(y * 48 + x)];
                EXPECT_GT(light, 120) << "seed " << seed << ", mirrored " << mirror;
            }
            EXPECT_LT(cut.landmarks[0].x, cut.landmarks[1].x) << "the eye on the image left stays the first";
            EXPECT_LT(cut.landmarks[3].x, cut.landmarks[4].x);
        }
    }
}

TEST(Augmentation, ALandmarkOfTheMiddleSquareKeepsItsPixel) {
    const CutFace cut = middle(ramp(48), {{10, 20}, {30, 20}, {24, 24}, {20, 30}, {28, 30}}, 1, 24);
    EXPECT_NEAR(cut.landmarks[0].x, (10 + 0.5) / 2 - 0.5, 1e-5);
    EXPECT_NEAR(cut.landmarks[0].y, (20 + 0.5) / 2 - 0.5, 1e-5);
}

TEST(Augmentation, OneChannelIsLumaAndThreeAreTheColours) {
    Image picture(1, 1);
    picture.rgb = {200, 100, 50};
    EXPECT_EQ(to_planes(picture, 3).values, (std::vector<std::uint8_t>{200, 100, 50}));
    EXPECT_EQ(to_planes(picture, 1).values, (std::vector<std::uint8_t>{124}));
}

}  // namespace
}  // namespace affectsr
