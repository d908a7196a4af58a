#include "affectsr/image/resize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/image/test_pictures.h"

namespace affectsr {
namespace {

using testing::largest_difference;
using testing::smooth_picture;

constexpr Filter kAllFilters[] = {Filter::bicubic,  Filter::bicubic_torch, Filter::bicubic_pillow,
                                  Filter::bilinear, Filter::area,          Filter::nearest};

TEST(Resize, HalvingByMatlabBicubicUsesTheKnownEightWeights) {
    // h(t) = k(t/2)/2 at t = ±0.5, ±1.5, ±2.5, ±3.5 by the kernel with a = −0.5, worked out by hand.
    const double expected[] = {-3 / 256.0,  -9 / 256.0, 29 / 256.0, 111 / 256.0,
                               111 / 256.0, 29 / 256.0, -9 / 256.0, -3 / 256.0};
    const AxisTaps axis = axis_taps(16, 8, resampling_of(Filter::bicubic), 0.5);
    ASSERT_EQ(axis.taps, 8);
    EXPECT_EQ(axis.first, (std::vector<int>{-3, -1, 1, 3, 5, 7, 9, 11}));
    for (int i = 0; i < 8; ++i) EXPECT_NEAR(axis.weight[static_cast<std::size_t>(i)], expected[i], 1e-12) << i;
}

TEST(Resize, WeightsOfEveryOutputSumToOne) {
    for (const Filter filter : kAllFilters) {
        for (const int to : {1, 2, 7, 13, 48, 100, 333}) {
            const AxisTaps axis = axis_taps(48, to, resampling_of(filter));
            for (int i = 0; i < to; ++i) {
                const auto row = axis.weight.begin() + static_cast<std::ptrdiff_t>(i) * axis.taps;
                EXPECT_NEAR(std::accumulate(row, row + axis.taps, 0.0), 1, 1e-12) << to << " " << i;
            }
        }
    }
}

TEST(Resize, KeepsAConstantPictureConstantByEveryFilterAndSize) {
    for (const Filter filter : kAllFilters) {
        for (const ImageSize to : {ImageSize{1, 1}, ImageSize{5, 31}, ImageSize{23, 7}, ImageSize{40, 80}}) {
            EXPECT_EQ(resize(Image(20, 12, 173), to, filter), Image(to.width, to.height, 173));
        }
    }
}

TEST(Resize, LeavesAPictureOfTheSameSizeAlone) {
    const Image image = smooth_picture(9, 14);
    for (const Filter filter : kAllFilters) EXPECT_EQ(resize(image, image.size(), filter), image);
}

TEST(Resize, TheKernelAtScaleOneIsTheIdentityEvenWithoutTheShortCut) {
    const Image image = smooth_picture(9, 14);
    EXPECT_EQ(resize(image, image.size(), resampling_of(Filter::bicubic), 1, 1), image);
}

TEST(Resize, MirrorsTheBorderWithTheEdgeSampleTwice) {
    // One row 0 … 3 halved: the first output takes samples −3 … 4, which are 2 1 0 | 0 1 2 3 | 3.
    const std::vector<float> plane{0, 1, 2, 3};
    const std::vector<float> half = resize_plane(plane, {4, 1}, {2, 1}, Filter::bicubic);
    const double expected = (-3 * 2 - 9 * 1 + 29 * 0 + 111 * 0 + 111 * 1 + 29 * 2 - 9 * 3 - 3 * 3) / 256.0;
    EXPECT_NEAR(half[0], expected, 1e-6);
    EXPECT_NEAR(half[1], 3 - expected, 1e-6);
}

TEST(Resize, AreaIsTheMeanOfTheCoveredSamples) {
    const std::vector<float> plane{1, 2, 3, 10, 20, 30};
    EXPECT_EQ(resize_plane(plane, {6, 1}, {2, 1}, Filter::area), (std::vector<float>{2, 20}));
    const std::vector<float> uneven = resize_plane(plane, {6, 1}, {4, 1}, Filter::area);  // 1.5 samples each
    EXPECT_NEAR(uneven[0], (1 + 0.5 * 2) / 1.5, 1e-6);
    EXPECT_NEAR(uneven[1], (0.5 * 2 + 3) / 1.5, 1e-6);
}

TEST(Resize, AreaRepeatsSamplesWhenItEnlargesByAWholeNumber) {
    const std::vector<float> plane{5, 9};
    EXPECT_EQ(resize_plane(plane, {2, 1}, {6, 1}, Filter::area), (std::vector<float>{5, 5, 5, 9, 9, 9}));
}

TEST(Resize, NearestTakesTheFloorOfTheScaledIndex) {
    const std::vector<float> plane{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    EXPECT_EQ(resize_plane(plane, {10, 1}, {4, 1}, Filter::nearest), (std::vector<float>{0, 2, 5, 7}));
}

TEST(Resize, RoundsHalfUpAndClampsOvershoot) {
    Image edge(8, 1);  // black, then white: cubic interpolation leaves 0–255 on both sides of the edge
    std::fill(edge.rgb.begin() + 12, edge.rgb.end(), std::uint8_t{255});
    const Image wide = resize(edge, {32, 1}, Filter::bicubic);
    EXPECT_EQ(*std::min_element(wide.rgb.begin(), wide.rgb.end()), 0);
    EXPECT_EQ(*std::max_element(wide.rgb.begin(), wide.rgb.end()), 255);

    Image pair(2, 1);
    std::fill(pair.rgb.begin() + 3, pair.rgb.end(), std::uint8_t{1});
    EXPECT_EQ(resize(pair, {1, 1}, Filter::area), Image(1, 1, 1));  // 0.5 becomes 1
}

TEST(Resize, TheAxesDoNotMix) {
    const Image image = smooth_picture(30, 20);
    Image turned(20, 30);
    for (int y = 0; y < 20; ++y) {
        for (int x = 0; x < 30; ++x) std::copy_n(image.pixel(x, y), 3, turned.pixel(y, x));
    }
    const Image small = resize(image, {11, 5}, Filter::bicubic),
                turned_small = resize(turned, {5, 11}, Filter::bicubic);
    for (int y = 0; y < 5; ++y) {
        for (int x = 0; x < 11; ++x) {
            // One level apart at most: the sums are made in another order, and a tie may fall the other way.
            for (int c = 0; c < 3; ++c) EXPECT_NEAR(small.pixel(x, y)[c], turned_small.pixel(y, x)[c], 1);
        }
    }
}

TEST(Resize, EnlargingAndShrinkingReturnsASmoothPicture) {
    const Image image = smooth_picture(24, 24);
    for (const Filter filter : {Filter::bicubic, Filter::bicubic_pillow}) {
        const Image back = resize(resize(image, {96, 96}, filter), {24, 24}, filter);
        EXPECT_LE(largest_difference(back, image), 2);
    }
}

TEST(Resize, WorksOnPicturesSmallerThanTheKernel) {
    for (const Filter filter : kAllFilters) {
        EXPECT_EQ(resize(Image(1, 1, 42), {50, 3}, filter), Image(50, 3, 42));
        EXPECT_EQ(resize(Image(2, 200, 9), {1, 1}, filter), Image(1, 1, 9));
    }
}

TEST(Resize, RefusesSidesOutsideItsLimits) {
    const Image image(4, 4);
    EXPECT_THROW(resize(image, {0, 4}, Filter::bicubic), UsageError);
    EXPECT_THROW(resize(image, {4, 16385}, Filter::bicubic), UsageError);
    EXPECT_THROW(resize(Image(), {4, 4}, Filter::bicubic), UsageError);
    EXPECT_THROW(axis_taps(4, 4, {}, -1), UsageError);
    EXPECT_THROW(axis_taps(4, 4, {}, std::nan("")), UsageError);
}

TEST(Resize, ScaledSizeIsTheCeilingWithoutTheNoiseOfFloatingPoint) {
    EXPECT_EQ(scaled_size(100, 1.0 / 3), 34);
    EXPECT_EQ(scaled_size(100, 1.0 / 6), 17);
    EXPECT_EQ(scaled_size(100, 1.0 / 7), 15);
    EXPECT_EQ(scaled_size(100, 1.0 / 8), 13);
    for (int n = 1; n <= 3000; ++n) {
        for (int divisor = 1; divisor <= 16; ++divisor) {
            ASSERT_EQ(scaled_size(n * divisor, 1.0 / divisor), n) << n << " · " << divisor;
        }
    }
    EXPECT_EQ(scaled_size(1, 1.0 / 16), 1);
    EXPECT_EQ(scaled_size(12, 4), 48);
    EXPECT_THROW(scaled_size(0, 1), UsageError);
    EXPECT_THROW(scaled_size(5, -1), UsageError);
}

TEST(Resize, GivesTheSameBytesInEveryThread) {
    const Image image = smooth_picture(61, 47);
    const Image expected = resize(image, {20, 31}, Filter::bicubic);
    std::vector<Image> results(4);
    std::vector<std::thread> threads;
    for (Image& result : results) {
        threads.emplace_back([&image, &result] { result = resize(image, {20, 31}, Filter::bicubic); });
    }
    for (std::thread& thread : threads) thread.join();
    for (const Image& result : results) EXPECT_EQ(result, expected);
}

}  // namespace
}  // namespace affectsr
