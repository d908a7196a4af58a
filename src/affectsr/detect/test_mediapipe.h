// Networks of the shape of MediaPipe's whose answers are known, for tests.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "affectsr/checkpoint/test_tflite.h"

namespace affectsr {

inline constexpr int kLeftCorner = 33, kRightCorner = 263;  ///< of the eyes, the viewer's left and right

/// A network that sees the same face everywhere: its points on a rectangle of 100 × 128 px around the middle, the
/// corners of the eyes on a slope of 3 : 4, all 16 px deep. Its score follows the brightest red.
inline std::string unmoved_face(int points = 478) {
    using namespace test_tflite;
    std::vector<float> places;
    for (int i = 0; i < points; ++i)
        places.insert(places.end(), {i % 2 == 0 ? 78.0F : 178.0F, i % 4 < 2 ? 64.0F : 192.0F, 16});
    for (const auto& [point, x, y] : {std::tuple{kLeftCorner, 112.0F, 100.0F}, {kRightCorner, 144.0F, 124.0F}})
        places[static_cast<std::size_t>(3 * point)] = x, places[static_cast<std::size_t>(3 * point + 1)] = y;
    Network network({1, 256, 256, 3});
    const int coarse = network.pool(kMaxPool, 0, {1, 16, 16, 3}, kValid, 16, 16);
    const int pixel = network.pool(kMaxPool, coarse, {1, 1, 1, 3}, kValid, 16, 16);
    const std::int32_t count = 3 * points;
    const int nothing = network.constant({count, 1, 1, 3}, std::vector<float>(static_cast<std::size_t>(3 * count)));
    const int mesh = network.conv(pixel, nothing, network.constant({count}, places), {1, 1, 1, count}, kValid, 1);
    const int red = network.constant({1, 1, 1, 3}, {8, 0, 0}), before = network.constant({1}, {-4});
    return network.file({mesh, network.conv(pixel, red, before, {1, 1, 1, 1}, kValid, 1)});
}

}  // namespace affectsr
