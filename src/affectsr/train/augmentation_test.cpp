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

std::vector<float> augmented(const FacePlanes& face, const Augmentation& how, std::uint64_t seed, int px = 24) {
    std::vector<float> values(static_cast<std::size_t>(px * px * face.channels));
    std::mt19937_64 random(seed);
    augment(face, 1, px, how, random, values.data());
    return values;
}

TEST(Augmentation, WithoutChanceAFaceStaysItself) {
    const FacePlanes face = ramp(24);
    const std::vector<float> values = augmented(face, nothing(), 1);
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_FLOAT_EQ(values[i] * 255, face.values[i]);
}

TEST(Augmentation, TheSameSeedGivesTheSameFace) {
    EXPECT_EQ(augmented(ramp(30), {}, 7), augmented(ramp(30), {}, 7));
    EXPECT_NE(augmented(ramp(30), {}, 7), augmented(ramp(30), {}, 8));
}

TEST(Augmentation, AMirroredRampFallsToTheRight) {
    Augmentation how = nothing();
    how.mirror = 1;
    const std::vector<float> values = augmented(ramp(24), how, 1);
    EXPECT_GT(values[0], 0.99f);
    EXPECT_LT(values[23], 0.01f);
}

TEST(Augmentation, SmallFacesLoseTheirDetail) {
    FacePlanes board{24, 24, 1, {}};
    for (int i = 0; i < 24 * 24; ++i) board.values.push_back((i + i / 24) % 2 ? 255 : 0);
    Augmentation how = nothing();
    how.small_share = 1;
    how.least_scale = how.most_scale = 4;
    for (const float v : augmented(board, how, 1)) EXPECT_NEAR(v, 0.5, 0.1);
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
            const std::vector<float> values = augmented(face, how, seed);
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
        for (const float v : augmented(ramp(40), {}, seed)) {
            EXPECT_GE(v, 0);
            EXPECT_LE(v, 1);
            EXPECT_NEAR(v * 255, std::round(v * 255), 1e-3);
        }
}

TEST(Augmentation, PreparingAtFullSizeChangesNothing) {
    const FacePlanes face = ramp(48);
    std::vector<float> values(48 * 48);
    prepare(face, 1, 48, 48, values.data());
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_FLOAT_EQ(values[i] * 255, face.values[i]);
}

TEST(Augmentation, ACropTakesTheMiddle) {
    std::vector<float> values(12 * 12);
    prepare(ramp(48), 0.5, 12, 12, values.data());
    EXPECT_NEAR(values[0] * 47, 12.5, 0.6);
    EXPECT_NEAR(values[11] * 47, 34.5, 0.6);
}

TEST(Augmentation, OneChannelIsLumaAndThreeAreTheColours) {
    Image picture(1, 1);
    picture.rgb = {200, 100, 50};
    EXPECT_EQ(to_planes(picture, 3).values, (std::vector<std::uint8_t>{200, 100, 50}));
    EXPECT_EQ(to_planes(picture, 1).values, (std::vector<std::uint8_t>{124}));
}

}  // namespace
}  // namespace affectsr
