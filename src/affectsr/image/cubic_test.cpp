#include "affectsr/image/cubic.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

TEST(Cubic, IsOneAtItsSampleAndNothingAtTheOthers) {
    for (const double a : {-0.5, -0.75}) {
        EXPECT_EQ(cubic(0, a), 1);
        for (const double t : {1.0, 2.0, 2.5, 100.0}) {
            EXPECT_EQ(cubic(t, a), 0) << t;
            EXPECT_EQ(cubic(-t, a), 0) << t;
        }
    }
}

TEST(Cubic, HasTheKnownWeightsHalfway) {
    EXPECT_EQ(cubic(0.5, -0.5), 9.0 / 16);
    EXPECT_EQ(cubic(-1.5, -0.5), -1.0 / 16);
    EXPECT_EQ(cubic(0.5, -0.75), 19.0 / 32);
    EXPECT_EQ(cubic(1.5, -0.75), -3.0 / 32);
}

TEST(Cubic, ItsFourWeightsAddUpToOne) {
    for (const double a : {-0.5, -0.75})
        for (int i = 0; i <= 16; ++i) {
            const double t = i / 16.0;
            EXPECT_NEAR(cubic(t + 1, a) + cubic(t, a) + cubic(1 - t, a) + cubic(2 - t, a), 1, 1e-15) << t;
        }
}

}  // namespace
}  // namespace affectsr
