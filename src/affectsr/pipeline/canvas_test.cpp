#include "affectsr/pipeline/canvas.h"

#include <gtest/gtest.h>

#include <set>

namespace affectsr {
namespace {

constexpr Colour kRed{255, 0, 0};

bool is(const Image& picture, int x, int y, Colour colour) {
    const std::uint8_t* const pixel = picture.pixel(x, y);
    return pixel[0] == colour[0] && pixel[1] == colour[1] && pixel[2] == colour[2];
}

TEST(Canvas, FillsExactlyItsArea) {
    Canvas canvas(10, 8, {9, 9, 9});
    canvas.fill({2, 3, 4, 2}, kRed);
    for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 10; ++x)
            EXPECT_EQ(is(canvas.picture(), x, y, kRed), x >= 2 && x < 6 && y >= 3 && y < 5) << x << ", " << y;
}

TEST(Canvas, FramesTheEdgesOfItsArea) {
    Canvas canvas(12, 12, {0, 0, 0});
    canvas.frame({1, 1, 10, 9}, kRed, 2);
    EXPECT_TRUE(is(canvas.picture(), 1, 1, kRed));
    EXPECT_TRUE(is(canvas.picture(), 10, 9, kRed));
    EXPECT_TRUE(is(canvas.picture(), 2, 5, kRed));
    EXPECT_FALSE(is(canvas.picture(), 3, 5, kRed));
    EXPECT_FALSE(is(canvas.picture(), 11, 5, kRed));
    EXPECT_FALSE(is(canvas.picture(), 5, 10, kRed));
}

TEST(Canvas, WhatLiesOutsideIsLeftOut) {
    Canvas canvas(5, 5, {0, 0, 0});
    canvas.fill({-100, -100, 300, 103}, kRed);
    canvas.frame({-50, 2, 1000, 1000}, kRed, 3);
    canvas.put(Image(4, 4, 77), 3, 3, 5);
    canvas.text("far away", 4000, -300, 12, kRed);
    canvas.fill({7, 7, -3, 9}, kRed);
    EXPECT_TRUE(is(canvas.picture(), 0, 2, kRed));
    EXPECT_TRUE(is(canvas.picture(), 4, 4, {77, 77, 77}));
}

TEST(Canvas, PutsPicturesWithTheirPixelsUnchanged) {
    Image picture(2, 1);
    picture.rgb = {10, 20, 30, 40, 50, 60};
    Canvas canvas(8, 8, {0, 0, 0});
    canvas.put(picture, 1, 2, 3);
    for (int y = 2; y < 5; ++y) {
        for (int x = 1; x < 4; ++x) EXPECT_TRUE(is(canvas.picture(), x, y, {10, 20, 30}));
        for (int x = 4; x < 7; ++x) EXPECT_TRUE(is(canvas.picture(), x, y, {40, 50, 60}));
    }
    EXPECT_TRUE(is(canvas.picture(), 7, 2, {0, 0, 0}));
}

TEST(Canvas, WordsStandOnTheirBaseline) {
    Canvas canvas(120, 40, {255, 255, 255});
    canvas.text("HIT", 10, 30, 14, {0, 0, 0});
    int top = 40, bottom = 0, left = 120, right = 0;
    for (int y = 0; y < 40; ++y) {
        for (int x = 0; x < 120; ++x) {
            if (canvas.picture().pixel(x, y)[0] > 100) continue;
            top = std::min(top, y), bottom = std::max(bottom, y), left = std::min(left, x), right = std::max(right, x);
        }
    }
    EXPECT_EQ(top, 16) << "capitals have the height asked for";
    EXPECT_EQ(bottom, 29) << "and end above the baseline's row";
    EXPECT_NEAR(left, 11, 2);
    EXPECT_NEAR(right + 1, 10 + Canvas::text_width("HIT", 14), 2);
}

TEST(Canvas, WordsHaveTheirColourAndMixWithTheGroundAtTheirEdges) {
    Canvas canvas(60, 40, {0, 0, 200});
    canvas.text("HO", 5, 35, 30, {200, 100, 0}, true);
    bool full = false, mixed = false;
    for (int y = 0; y < 40; ++y) {
        for (int x = 0; x < 60; ++x) {
            const std::uint8_t* const pixel = canvas.picture().pixel(x, y);
            full |= is(canvas.picture(), x, y, {200, 100, 0});
            mixed |= pixel[0] > 40 && pixel[0] < 160;
            ASSERT_NEAR(pixel[0] + pixel[2], 200, 1) << "never anything but the two";
            ASSERT_NEAR(pixel[0], 2 * pixel[1], 2);
        }
    }
    EXPECT_TRUE(full);
    EXPECT_TRUE(mixed);
}

TEST(Canvas, WordsOverTheEdgeAreDrawnAsFarAsTheyGo) {
    Canvas whole(200, 60, {255, 255, 255}), part(60, 20, {255, 255, 255});
    whole.text("happiness 93%", 50, 40, 13, {0, 0, 0});
    part.text("happiness 93%", -20, 5, 13, {0, 0, 0});
    for (int y = 0; y < 20; ++y)
        for (int x = 0; x < 60; ++x)
            ASSERT_EQ(part.picture().pixel(x, y)[1], whole.picture().pixel(x + 70, y + 35)[1]) << x << ", " << y;
}

TEST(Canvas, TheSameWordsAreTheSamePixels) {
    const auto drawn = [] {
        Canvas canvas(150, 30, {9, 99, 199});
        canvas.text("surprise 51%", 3, 20, 11, {255, 250, 0});
        return canvas.take();
    };
    EXPECT_EQ(drawn(), drawn());
    EXPECT_NE(drawn(), Image(150, 30));
}

TEST(Canvas, EveryEmotionHasAColourOfItsOwnAndReadableWords) {
    std::set<Colour> colours{kUndeterminedColour};
    for (int i = 0; i <= static_cast<int>(Emotion::contempt); ++i)
        EXPECT_TRUE(colours.insert(colour_of(static_cast<Emotion>(i))).second) << name_of(static_cast<Emotion>(i));
    EXPECT_EQ(readable_on({240, 228, 66}), (Colour{0, 0, 0}));
    EXPECT_EQ(readable_on({0, 114, 178}), (Colour{255, 255, 255}));
}

}  // namespace
}  // namespace affectsr
