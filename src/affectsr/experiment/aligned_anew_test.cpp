#include "affectsr/experiment/aligned_anew.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "affectsr/base/error.h"
#include "affectsr/pipeline/fake_parts.h"

namespace affectsr {
namespace {

constexpr int kSmallPx = 16, kLargePx = 64;  // a pixel of the small face is four of the large one

FaceCrop small_face() {
    FaceCrop crop;
    crop.pixels = Image(kSmallPx, kSmallPx, 100);
    return crop;
}

/// Where MeshAtRest sees the five points when it moves nothing.
CropTemplate as_seen(const PointFinder& finder) {
    const FaceCrop crop = small_face();
    const Landmarks five = finder.find_all(std::span(&crop, 1), 5).front();
    CropTemplate framing{"at_rest", "this test", kSmallPx, {}, -0.5F};
    std::copy_n(five.begin(), 5, framing.points.begin());
    return framing;
}

/// A large face with one bright pixel row by row at `x`.
Restored line_at(int x) {
    Restored restored{Image(kLargePx, kLargePx, 20), ""};
    for (int y = 0; y < kLargePx; ++y) std::fill_n(restored.picture.pixel(x, y), 3, std::uint8_t{220});
    return restored;
}

int brightest_column(const Image& picture) {
    int best = 0;
    for (int x = 1; x < picture.width; ++x)
        if (picture.pixel(x, kLargePx / 2)[0] > picture.pixel(best, kLargePx / 2)[0]) best = x;
    return best;
}

TEST(AlignedAnew, AFaceThatLiesToTheRightIsBroughtBack) {
    const auto landmarker = std::make_shared<fake::MeshAtRest>();
    const PointFinder finder(landmarker);
    const CropTemplate framing = as_seen(finder);
    const std::array crops{small_face()};
    std::array restored{line_at(30)};
    align_anew(restored, crops, finder, framing);
    EXPECT_EQ(brightest_column(restored[0].picture), 30) << "it lies where it should";
    landmarker->right_px = 1;
    align_anew(restored, crops, finder, framing);
    EXPECT_EQ(brightest_column(restored[0].picture), 26) << "a small pixel is four large ones";
    EXPECT_EQ(restored[0].picture.width, kLargePx);
    EXPECT_TRUE(restored[0].reason.empty());
}

TEST(AlignedAnew, WhereThePointsAreNotSureTheFaceStays) {
    const auto landmarker = std::make_shared<fake::MeshAtRest>();
    const PointFinder finder(landmarker);
    const CropTemplate framing = as_seen(finder);
    landmarker->right_px = 1, landmarker->dark = 255;
    const std::array crops{small_face(), small_face(), small_face()};
    std::array restored{line_at(30), line_at(30), Restored{Image(), "restorer_not_finite"}};
    restored[1].reason = "no_landmarks";
    align_anew(restored, crops, finder, framing);
    EXPECT_EQ(brightest_column(restored[0].picture), 30);
    EXPECT_EQ(restored[0].reason, "unsure_landmarks");
    EXPECT_EQ(restored[1].reason, "no_landmarks") << "what was said before is not lost";
    EXPECT_EQ(restored[2].reason, "restorer_not_finite");
    EXPECT_THROW(align_anew(restored, std::span(crops).first(2), finder, framing), Bug);
}

}  // namespace
}  // namespace affectsr
