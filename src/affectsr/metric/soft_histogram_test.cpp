#include "affectsr/metric/soft_histogram.h"

#include <gtest/gtest.h>

#include <numeric>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(SoftHistogram, AValueBetweenTwoNodesCountsForBoth) {
    SoftHistogramOptions options;
    options.bins = 5;  // nodes at 0, .25, .5, .75, 1
    const std::vector<float> one{0.3125F};
    EXPECT_EQ(soft_histogram(one, 1, options), (std::vector<double>{0, 0.75, 0.25, 0, 0}));
}

TEST(SoftHistogram, EveryClassHasARowOfItsOwn) {
    SoftHistogramOptions options;
    options.bins = 2;
    const std::vector<float> two_faces{1, 0, 0.5F, 0};
    EXPECT_EQ(soft_histogram(two_faces, 2, options), (std::vector<double>{0.25, 0.75, 1, 0}));
    EXPECT_THROW(soft_histogram(two_faces, 3, options), Bug);
}

TEST(SoftHistogram, SoftCellsLoseMassOnlyNearTheEnds) {
    SoftHistogramOptions options;
    options.kernel = "sigmoid";
    const auto sum = [&](float value) {
        const std::vector<double> shares = soft_histogram(std::vector<float>{value}, 1, options);
        return std::accumulate(shares.begin(), shares.end(), 0.0);
    };
    EXPECT_NEAR(sum(0.5F), 1, 1e-6);
    EXPECT_NEAR(sum(0), 0.5, 1e-6);
    options.kernel = "box";
    EXPECT_THROW(sum(0.5F), UsageError);
}

TEST(SoftHistogram, TheGradientIsTheSlopeOfTheDistance) {
    const std::vector<float> hr{0.11F, 0.89F, 0.42F, 0.58F}, sr{0.23F, 0.77F, 0.36F, 0.64F};
    for (const char* kernel : {"triangular", "sigmoid"}) {
        SoftHistogramOptions options;
        options.kernel = kernel;
        std::vector<double> gradient;
        soft_histogram_distance(sr, hr, 2, options, &gradient);
        for (std::size_t i = 0; i < sr.size(); ++i) {
            const float step = 1.0F / 4096;
            std::vector<float> above = sr, below = sr;
            above[i] += step, below[i] -= step;
            const double slope =
                (soft_histogram_distance(above, hr, 2, options) - soft_histogram_distance(below, hr, 2, options)) /
                (static_cast<double>(above[i]) - static_cast<double>(below[i]));
            EXPECT_NEAR(gradient[i], slope, 0.02) << kernel << ", value " << i;
        }
    }
}

}  // namespace
}  // namespace affectsr
