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

TEST(Canvas, WordsLeaveInkAboveTheirBaseline) {
    if (Canvas::text_width("Ink", 14) == 0) GTEST_SKIP() << "built without OpenCV";
    Canvas canvas(120, 40, {255, 255, 255});
    canvas.text("HIT", 10, 30, 14, {0, 0, 0});
    int top = 40, bottom = 0, left = 120, right = 0;
    for (int y = 0; y < 40; ++y) {
        for (int x = 0; x < 120; ++x) {
            if (canvas.picture().pixel(x, y)[0] > 100) continue;
            top = std::min(top, y), bottom = std::max(bottom, y), left = std::min(left, x), right = std::max(right, x);
        }
    }
    EXPECT_NEAR(bottom - top + 1, 14, 2) << "capitals have the height asked for";
    EXPECT_NEAR(bottom, 30, 2);
    EXPECT_NEAR(left, 10, 3);
    EXPECT_NEAR(right - left + 1, Canvas::text_width("HIT", 14), 5);
    EXPECT_GT(Canvas::text_width("HIT", 14, true), 0);
    EXPECT_GT(Canvas::text_width("HITHIT", 14), Canvas::text_width("HIT", 14));
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
