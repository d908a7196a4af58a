#include "affectsr/train/face_pasting.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace affectsr {
namespace {

Pasting quarter_turn() {
    Pasting at{};
    at.middle_x = 50, at.middle_y = 40, at.half = 30;
    at.centre_x = 100, at.centre_y = 90;
    at.scale = 0.5;
    at.cosine = 0, at.sine = 1, at.mirror = 1;
    return at;
}

TEST(FacePasting, PointsGoToTheCanvasAndBack) {
    for (const double mirror : {1.0, -1.0}) {
        Pasting at = quarter_turn();
        at.cosine = std::cos(0.4), at.sine = std::sin(0.4), at.mirror = mirror;
        const Point on = at.to_canvas({57, 33}), back = at.to_photo(double{on.x}, double{on.y});
        EXPECT_NEAR(back.x, 57, 1e-4);
        EXPECT_NEAR(back.y, 33, 1e-4);
    }
    const Point turned = quarter_turn().to_canvas({60, 40});
    EXPECT_NEAR(turned.x, 100, 1e-5);
    EXPECT_NEAR(turned.y, 95, 1e-5) << "right becomes down";
}

TEST(FacePasting, ALyingFaceIsAsWideAsItWasHigh) {
    MarkedFace face;
    face.box_in_photo = {40.5F, 25.5F, 20, 30};
    const Box box = on_canvas(face, quarter_turn()).box_in_photo;
    EXPECT_NEAR(box.width, 15, 1e-4);
    EXPECT_NEAR(box.height, 10, 1e-4);
    EXPECT_NEAR(box.x + box.width / 2, 100.5, 1e-4);
}

TEST(FacePasting, MirroredPointsAreNamedFromTheViewersSideAgain) {
    MarkedFace face;
    face.box_in_photo = {30, 20, 40, 40};
    face.landmarks_in_photo = {{40, 30}, {60, 30}, {50, 40}, {42, 50}, {58, 50}};
    Pasting at = quarter_turn();
    at.cosine = 1, at.sine = 0, at.mirror = -1;
    const Landmarks points = on_canvas(face, at).landmarks_in_photo;
    EXPECT_LT(points[0].x, points[1].x);
    EXPECT_LT(points[3].x, points[4].x);
}

TEST(FacePasting, APatchCoversItsMiddleAndFadesAtItsEdge) {
    const Image white(100, 80, 255);
    Image canvas(200, 180, 0);
    Pasting at = quarter_turn();
    at.cosine = 1, at.sine = 0;
    draw_patch(white, at, 1, 0, canvas);
    const auto level = [&](int x, int y) { return canvas.rgb[static_cast<std::size_t>((y * 200 + x) * 3)]; };
    EXPECT_EQ(level(100, 90), 255);
    EXPECT_EQ(level(100, 110), 0) << "half of it reaches 15 px";
    EXPECT_GT(level(113, 90), 0);
    EXPECT_LT(level(113, 90), 255);
}

}  // namespace
}  // namespace affectsr
